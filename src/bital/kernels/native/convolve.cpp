// How one convolution is carried out: which way, with what memory, in which tasks.
#include "convolve.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <new>

#include "share.h"

namespace bital {
namespace {

// Multiply-adds below which starting another thread costs more than it saves.
constexpr int64_t SMALL = 1 << 18;
// Floats a task's scratch memory is to stay below, where a task is more than a few rows.
constexpr int64_t SCRATCH = 1 << 17;
// Floats that a task is to write again and again: 1 MB.
constexpr int64_t NEAR = 1 << 18;
// Floats that all partial sums of a weight gradient may take together: 64 MB.
constexpr int64_t PARTIAL = 1 << 24;

// Memory aligned to cache lines.
class Floats {
   public:
    explicit Floats(int64_t count)
        : data_(static_cast<float*>(::operator new(sizeof(float) * std::max<int64_t>(count, 1),
                                                   std::align_val_t{64}))) {}
    ~Floats() { ::operator delete(data_, std::align_val_t{64}); }
    Floats(const Floats&) = delete;
    Floats& operator=(const Floats&) = delete;
    float* operator+(int64_t offset) const { return data_ + offset; }

   private:
    float* data_;
};

int64_t up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }
int64_t parts(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

int64_t work(const Shape& s) { return s.n * s.oh * s.ow * s.kh * s.kw * s.c * s.o; }

// Whether tiles of 2x2 results are faster for (rows, columns) of them: where their products are
// well below the terms of the convolution as it is written, which has none for padding, and where
// there are channels enough for the transforms not to be most of the work.
bool tiled(const Shape& s, int64_t rows, int64_t columns) {
    const int64_t terms = (2 * s.oh + s.h - 2) * (2 * s.ow + s.w - 2);
    const int64_t products = 16 * parts(rows, 2) * parts(columns, 2);
    return s.kh == 3 && s.kw == 3 && s.top == s.left && s.top < 2 && s.c % 16 == 0 &&
           s.o % 16 == 0 && s.c * s.o >= 512 && 4 * terms >= 5 * products;
}

int64_t workers_for(const xla::ffi::ThreadPool& pool, int64_t work) {
    return work < SMALL ? 1 : std::max<int64_t>(pool.num_threads(), 1);
}

// Rows in a task, so that there are a few tasks a worker and `floats` a row stay below SCRATCH.
int64_t rows_of_task(int64_t images, int64_t rows, int64_t workers, int64_t floats) {
    const int64_t wanted = parts(4 * workers, std::max<int64_t>(images, 1));
    const int64_t each = std::max<int64_t>(parts(rows, wanted), std::min<int64_t>(rows, 8));
    const int64_t fit = SCRATCH / std::max<int64_t>(floats, 1);
    return up(std::max<int64_t>(std::min(workers > 1 ? each : rows, fit), 2), 2);
}

// Calls `some(first, last, weights' points, worker's scratch)` for all tiles of results, or of the
// input's gradient where the weights are `turned`; returns whether all did. Does nothing, and
// returns false, where tiles are not faster.
bool by_tiles(xla::ffi::ThreadPool& pool, int64_t workers, const Kernels& kernels, const Shape& s,
              bool turned, const float* w,
              const std::function<bool(int64_t, int64_t, const float*, float*)>& some) {
    const int64_t rows = turned ? s.h : s.oh, columns = turned ? s.w : s.ow;
    if (!tiled(s, rows, columns)) return false;
    const int64_t in = turned ? s.o : s.c, panels = parts(turned ? s.c : s.o, kernels.panel);
    const Floats packed(panels * 9 * in * kernels.panel), points(panels * 16 * in * kernels.panel);
    share(pool, workers, panels, [&](int64_t panel, int64_t) {
        kernels.pack(s, turned, w, panel, packed + 0);
        kernels.winograd->turn(in, packed + panel * 9 * in * kernels.panel,
                               points + panel * 16 * in * kernels.panel);
    });
    const int64_t tiles = s.n * parts(rows, 2) * parts(columns, 2);
    const int64_t each = winograd_tiles(tiles, in, workers);
    const int64_t space = up(winograd_floats(each, in, kernels.panel), 16);
    const Floats scratch(workers * space);
    std::atomic<bool> all{true};
    share(pool, workers, parts(tiles, each), [&](int64_t task, int64_t worker) {
        const int64_t first = task * each;
        if (!some(first, std::min(first + each, tiles), points + 0, scratch + worker * space))
            all = false;
    });
    return all;
}

// The gradient of the weights by tiles of 2x2 cotangents; returns whether it is finite. Sums over
// tiles are made in `slots` as in `weights_gradient`.
bool weights_by_tiles(xla::ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s,
                      const float* x, const Cotangent& from, float* dw, float* db) {
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panel = kernels.panel, panels = parts(s.o, panel);
    const int64_t tiles = s.n * parts(s.oh, 2) * parts(s.ow, 2);
    const int64_t each = winograd_tiles(tiles, s.c, workers), units = parts(tiles, each);
    const int64_t partial = (16 * s.c + 1) * panel;
    // A task's sums are to stay near, for each tile adds to all of them; each slot is to have tiles
    // enough to be worth its zeros.
    int64_t groups = std::clamp<int64_t>(partial * panels / NEAR, 1, panels);
    const int64_t slots = std::clamp<int64_t>(
        std::min({PARTIAL / (partial * panels), parts(2 * workers, groups), tiles / 256}), 1,
        units);
    groups = std::max(groups, std::min(parts(2 * workers, slots), panels));
    const Floats partials(slots * panels * partial);
    const int64_t space = up(winograd_floats(each, s.c, panel), 16);
    const Floats scratch(workers * space);
    share(pool, workers, slots * groups, [&](int64_t task, int64_t worker) {
        const int64_t slot = task / groups, group = task % groups;
        const int64_t panel0 = panels * group / groups, panel1 = panels * (group + 1) / groups;
        float* to = partials + slot * panels * partial;
        std::fill(to + panel0 * partial, to + panel1 * partial, 0.0f);
        for (int64_t u = units * slot / slots; u < units * (slot + 1) / slots; ++u)
            kernels.winograd->weights(s, u * each, std::min((u + 1) * each, tiles), x, from,
                                      panel0, panel1, to, scratch + worker * space);
    });
    std::atomic<bool> finite{true};
    const Floats filters(panels * 9 * s.c * panel);
    share(pool, workers, panels, [&](int64_t index, int64_t) {
        float* sums = partials + index * partial;
        for (int64_t slot = 1; slot < slots; ++slot) {
            const float* more = partials + (slot * panels + index) * partial;
            for (int64_t i = 0; i < partial; ++i) sums[i] += more[i];
        }
        float* filter = filters + index * 9 * s.c * panel;
        if (!kernels.winograd->filter(s.c, sums, filter)) finite = false;
        const int64_t o = index * panel, valid = std::min(panel, s.o - o);
        for (int64_t row = 0; row < 9 * s.c; ++row)
            std::copy(filter + row * panel, filter + row * panel + valid, dw + row * s.o + o);
        std::copy(sums + 16 * s.c * panel, sums + 16 * s.c * panel + valid, db + o);
    });
    return finite;
}

}  // namespace

void convolve(xla::ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s, const float* x,
              const float* w, const float* b, float* out, uint8_t* kept) {
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panels = parts(s.o, kernels.panel), k = s.kh * s.kw * s.c;
    const Floats bias(panels * kernels.panel);
    std::fill(bias + 0, bias + panels * kernels.panel, 0.0f);
    std::copy(b, b + s.o, bias + 0);
    if (by_tiles(pool, workers, kernels, s, false, w,
                 [&](int64_t first, int64_t last, const float* points, float* scratch) {
                     return kernels.winograd->forward(s, first, last, x, points, bias + 0, out,
                                                      kept, scratch);
                 }))
        return;
    const Floats packed(panels * k * kernels.panel);
    share(pool, workers, panels,
          [&](int64_t panel, int64_t) { kernels.pack(s, false, w, panel, packed + 0); });
    // Small weights stay in the cache whatever the order; then the result of a task should, too.
    const int64_t row = panels * k * kernels.panel <= SCRATCH / 2 ? s.ow * s.o : 0;
    const int64_t rows = rows_of_task(s.n, s.oh, workers, row), strips = parts(s.oh, rows);
    const int64_t band = up(band_floats(s, kernels.panel), 16);
    const Floats bands(workers * band);
    share(pool, workers, s.n * strips, [&](int64_t task, int64_t worker) {
        const int64_t y = task % strips * rows;
        const Part part{task / strips, task / strips + 1, y, std::min(y + rows, s.oh)};
        kernels.forward(s, part, x, packed + 0, bias + 0, out, kept, bands + worker * band);
    });
}

void input_gradient(xla::ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s,
                    const Cotangent& from, const float* w, float* dx) {
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panels = parts(s.c, kernels.panel), k = s.kh * s.kw * s.o;
    if (by_tiles(pool, workers, kernels, s, true, w,
                 [&](int64_t first, int64_t last, const float* points, float* scratch) {
                     return kernels.winograd->input(s, first, last, from, points, dx, scratch);
                 }))
        return;
    const Floats packed(panels * k * kernels.panel);
    share(pool, workers, panels,
          [&](int64_t panel, int64_t) { kernels.pack(s, true, w, panel, packed + 0); });
    const int64_t row = s.relu || s.pool ? s.ow * s.o : 0;
    const int64_t rows = rows_of_task(s.n, s.h, workers, row), strips = parts(s.h, rows);
    const int64_t strip = up(strip_floats(s, rows), 16);
    const Floats scratch(workers * strip);
    share(pool, workers, s.n * strips, [&](int64_t task, int64_t worker) {
        const int64_t y = task % strips * rows;
        const Part part{task / strips, task / strips + 1, y, std::min(y + rows, s.h)};
        kernels.input(s, part, from, packed + 0, dx, scratch + worker * strip);
    });
}

// Sums over pixels are made in `slots` of them, each over the same images whoever does the work,
// and added up in their order: the result depends on the number of threads only.
void weights_gradient(xla::ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s,
                      const float* x, const Cotangent& from, float* dw, float* db) {
    if (tiled(s, s.oh, s.ow) && weights_by_tiles(pool, kernels, s, x, from, dw, db))
        return;
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panel = kernels.panel, panels = parts(s.o, panel), k = s.kh * s.kw * s.c;
    const int64_t pixels = std::clamp<int64_t>(SCRATCH / std::max<int64_t>(s.c, 1), 32, 512);
    const int64_t row_pixels = std::max<int64_t>(s.ow, 1);
    const int64_t rows = std::min(up(std::max<int64_t>(pixels / row_pixels, 2), 2), up(s.oh, 2));
    const int64_t strips = parts(s.oh, std::max<int64_t>(rows, 1));
    const int64_t images =
        strips > 1 ? 1 : std::clamp<int64_t>(pixels / std::max<int64_t>(s.oh * s.ow, 1), 1,
                                             std::max<int64_t>(s.n, 1));
    const int64_t units = strips > 1 ? s.n * strips : parts(s.n, images);
    const int64_t partial = (k + 1) * panel;
    int64_t slots = workers == 1 ? 1 : std::max(workers, parts(4 * workers, panels));
    slots = std::clamp<int64_t>(PARTIAL / (partial * panels), 1, slots);
    slots = std::clamp<int64_t>(units, 1, slots);
    const Floats partials(slots * panels * partial);
    const int64_t space = up(weights_floats(s, images, rows, panel), 16);
    const Floats scratch(workers * space);
    share(pool, workers, slots * panels, [&](int64_t task, int64_t worker) {
        const int64_t slot = task / panels, index = task % panels;
        float* to = partials + task * partial;
        std::fill(to, to + partial, 0.0f);
        for (int64_t u = units * slot / slots; u < units * (slot + 1) / slots; ++u) {
            Part part{u * images, std::min((u + 1) * images, s.n), 0, s.oh};
            if (strips > 1) {
                const int64_t y = u % strips * rows;
                part = {u / strips, u / strips + 1, y, std::min(y + rows, s.oh)};
            }
            kernels.weights(s, part, x, from, index, to, to + k * panel, scratch + worker * space);
        }
    });
    share(pool, k * s.o * slots < SMALL ? 1 : workers, panels, [&](int64_t index, int64_t) {
        const int64_t o = index * panel, valid = std::min(panel, s.o - o);
        for (int64_t slot = 0; slot < slots; ++slot) {
            const float* sums = partials + (slot * panels + index) * partial;
            for (int64_t row = 0; row <= k; ++row, sums += panel) {
                float* to = (row < k ? dw + row * s.o : db) + o;
                for (int64_t i = 0; i < valid; ++i) to[i] = slot ? to[i] + sums[i] : sums[i];
            }
        }
    });
}

}  // namespace bital
