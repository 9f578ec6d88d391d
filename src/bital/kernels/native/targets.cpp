// What XLA calls: shapes are checked, memory is found, work is shared out.
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "kernels.h"
#include "share.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace bital {
namespace {

using Array = ffi::Buffer<ffi::F32>;
using Result = ffi::Result<Array>;
using Dims = ffi::AnyBuffer::Dimensions;

// Multiply-adds below which starting another thread costs more than it saves.
constexpr int64_t SMALL = 1 << 18;
// Floats a task's scratch memory is to stay below, where a task is more than a few rows.
constexpr int64_t SCRATCH = 1 << 17;
// Floats that a task is to write again and again: 1 MB.
constexpr int64_t NEAR = 1 << 18;
// Floats that all partial sums of a weight gradient may take together: 64 MB.
constexpr int64_t PARTIAL = 1 << 24;

bool runs_here(const Kernels& kernels) {
#ifdef BITAL_X86
    if (&kernels == &avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx2") &&
               __builtin_cpu_supports("fma");
    if (&kernels == &avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return &kernels == &portable;
}

const Kernels* const ALL[] = {
#ifdef BITAL_X86
    &avx512, &avx2,
#endif
    &portable};

const Kernels* best() {
    for (const Kernels* kernels : ALL)
        if (runs_here(*kernels)) return kernels;
    return &portable;
}

std::atomic<const Kernels*> chosen{nullptr};

const Kernels& current() {
    const Kernels* kernels = chosen.load();
    return kernels ? *kernels : *best();
}

void require(bool holds, const char* rule) {
    if (!holds) throw std::invalid_argument(rule);
}

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

// Axes before an operand's own are those of replicas; along each an operand has one entry for every
// replica, or one for all.
class Replicas {
   public:
    Replicas(Dims result, size_t own) : lead_(result.begin(), result.size()) {
        require(result.size() >= own, "a result has too few axes");
        axes_ = result.size() - own;
        for (size_t i = 0; i < axes_; ++i) count *= result[i];
    }

    // Returns the entry of an operand that replica `index` reads.
    int64_t entry(Dims operand, size_t own, int64_t index) const {
        require(operand.size() == own + axes_, "operands differ in their axes of replicas");
        int64_t entry = 0, inner = count;
        for (size_t i = 0; i < axes_; ++i) {
            const int64_t all = lead_[i], here = operand[i];
            require(here == all || here == 1, "operands differ in their numbers of replicas");
            inner /= std::max<int64_t>(all, 1);
            entry = entry * here + (here == 1 ? 0 : index / inner % all);
        }
        return entry;
    }

    int64_t count = 1;

   private:
    Dims lead_;
    size_t axes_ = 0;
};

// The last `own` sizes.
struct Sizes {
    Sizes(Dims dims, size_t own) {
        require(dims.size() >= own, "an operand has too few axes");
        for (size_t i = 0; i < own; ++i) {
            at[i] = dims[dims.size() - own + i];
            require(at[i] >= 0, "an operand has a negative size");
            volume *= at[i];
        }
    }
    bool operator==(const Sizes& other) const { return std::equal(at, at + 4, other.at); }
    int64_t at[4] = {};
    int64_t volume = 1;
};

Shape shape_of(const Sizes& x, const Sizes& w, const Sizes& out, int64_t top, int64_t left,
               bool relu, bool pool) {
    const int64_t scale = pool ? 2 : 1;
    const Shape s{x.at[0], x.at[1], x.at[2], x.at[3], w.at[0],           w.at[1],
                  w.at[3], out.at[1] * scale, out.at[2] * scale, top, left, relu, pool};
    require(w.at[2] == s.c, "x and the weights differ in their input channels");
    require(out.at[0] == s.n && out.at[3] == s.o, "the result has other images or channels");
    require(s.kh > 0 && s.kw > 0, "the filter is empty");
    require(0 <= top && top < s.kh && 0 <= left && left < s.kw, "padding reaches past the filter");
    require(s.oh <= s.h + s.kh && s.ow <= s.w + s.kw, "the result is larger than the padded input");
    return s;
}

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

int64_t workers_for(const ffi::ThreadPool& pool, int64_t work) {
    return work < SMALL ? 1 : std::max<int64_t>(pool.num_threads(), 1);
}

// Rows in a task, so that there are a few tasks a worker and `floats` a row stay below SCRATCH.
int64_t rows_of_task(int64_t images, int64_t rows, int64_t workers, int64_t floats) {
    const int64_t wanted = parts(4 * workers, std::max<int64_t>(images, 1));
    const int64_t each = std::max<int64_t>(parts(rows, wanted), std::min<int64_t>(rows, 8));
    const int64_t fit = SCRATCH / std::max<int64_t>(floats, 1);
    return up(std::max<int64_t>(std::min(workers > 1 ? each : rows, fit), 2), 2);
}

// Weights in panels for the tiles of `Winograd`.
void points_of(ffi::ThreadPool& pool, int64_t workers, const Kernels& kernels, const Shape& s,
               bool turned, const float* w, const Floats& points) {
    const int64_t in = turned ? s.o : s.c, panels = parts(turned ? s.c : s.o, kernels.panel);
    const Floats packed(panels * 9 * in * kernels.panel);
    share(pool, workers, panels, [&](int64_t panel, int64_t) {
        kernels.pack(s, turned, w, panel, packed + 0);
        kernels.winograd->turn(in, packed + panel * 9 * in * kernels.panel,
                               points + panel * 16 * in * kernels.panel);
    });
}

// Calls `some(first, last, worker's scratch)` for all tiles of (rows, columns) results; returns
// whether all did.
bool by_tiles(ffi::ThreadPool& pool, int64_t workers, const Kernels& kernels, const Shape& s,
              int64_t rows, int64_t columns, int64_t in,
              const std::function<bool(int64_t, int64_t, float*)>& some) {
    const int64_t tiles = s.n * parts(rows, 2) * parts(columns, 2);
    const int64_t each = winograd_tiles(tiles, in, workers);
    const int64_t space = up(winograd_floats(each, in, kernels.panel), 16);
    const Floats scratch(workers * space);
    std::atomic<bool> all{true};
    share(pool, workers, parts(tiles, each), [&](int64_t task, int64_t worker) {
        const int64_t first = task * each;
        if (!some(first, std::min(first + each, tiles), scratch + worker * space)) all = false;
    });
    return all;
}

void forward_replica(ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s, const float* x,
                     const float* w, const float* b, float* out, uint8_t* kept) {
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panels = parts(s.o, kernels.panel), k = s.kh * s.kw * s.c;
    const Floats bias(panels * kernels.panel);
    std::fill(bias + 0, bias + panels * kernels.panel, 0.0f);
    std::copy(b, b + s.o, bias + 0);
    if (tiled(s, s.oh, s.ow)) {
        const Floats points(panels * 16 * s.c * kernels.panel);
        points_of(pool, workers, kernels, s, false, w, points);
        if (by_tiles(pool, workers, kernels, s, s.oh, s.ow, s.c,
                     [&](int64_t first, int64_t last, float* scratch) {
                         return kernels.winograd->forward(s, first, last, x, points + 0, bias + 0,
                                                          out, kept, scratch);
                     }))
            return;
    }
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

void input_replica(ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s,
                   const Cotangent& from, const float* w, float* dx) {
    const int64_t workers = workers_for(pool, work(s));
    const int64_t panels = parts(s.c, kernels.panel), k = s.kh * s.kw * s.o;
    if (tiled(s, s.h, s.w)) {
        const Floats points(panels * 16 * s.o * kernels.panel);
        points_of(pool, workers, kernels, s, true, w, points);
        if (by_tiles(pool, workers, kernels, s, s.h, s.w, s.o,
                     [&](int64_t first, int64_t last, float* scratch) {
                         return kernels.winograd->input(s, first, last, from, points + 0, dx,
                                                        scratch);
                     }))
            return;
    }
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

// The gradient of the weights by tiles of 2x2 cotangents; returns whether it is finite. Sums over
// tiles are made in `slots` as in `weights_replica`.
bool weights_by_tiles(ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s, const float* x,
                      const Cotangent& from, float* dw, float* db) {
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

// Sums over pixels are made in `slots` of them, each over the same images whoever does the work,
// and added up in their order: the result depends on the number of threads only.
void weights_replica(ffi::ThreadPool& pool, const Kernels& kernels, const Shape& s, const float* x,
                     const Cotangent& from, float* dw, float* db) {
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

template <typename Body>
ffi::Error guarded(const Body& body) {
    try {
        body();
        return ffi::Error::Success();
    } catch (const std::invalid_argument& error) {
        return ffi::Error::InvalidArgument(std::string("conv_block: ") + error.what());
    } catch (const std::bad_alloc&) {
        return ffi::Error(ffi::ErrorCode::kResourceExhausted, "conv_block: not enough memory");
    } catch (const std::exception& error) {
        return ffi::Error::Internal(std::string("conv_block: ") + error.what());
    } catch (...) {
        return ffi::Error::Internal("conv_block: unknown failure");
    }
}

void forward_all(ffi::ThreadPool& pool, Array& x, Array& w, Array& b, Array& out, uint8_t* kept,
                 int64_t top, int64_t left, bool relu, bool pooled) {
    const Sizes xs(x.dimensions(), 4), ws(w.dimensions(), 4), outs(out.dimensions(), 4);
    const Shape s = shape_of(xs, ws, outs, top, left, relu, pooled);
    require(Sizes(b.dimensions(), 1).at[0] == s.o, "the bias has another number of channels");
    const Replicas replicas(out.dimensions(), 4);
    const Kernels& kernels = current();
    for (int64_t r = 0; r < replicas.count; ++r)
        forward_replica(pool, kernels, s,
                        x.typed_data() + replicas.entry(x.dimensions(), 4, r) * xs.volume,
                        w.typed_data() + replicas.entry(w.dimensions(), 4, r) * ws.volume,
                        b.typed_data() + replicas.entry(b.dimensions(), 1, r) * s.o,
                        out.typed_data() + r * outs.volume, kept ? kept + r * outs.volume : nullptr);
}

ffi::Error forward(ffi::ThreadPool pool, Array x, Array w, Array b, Result out, int64_t top,
                   int64_t left, bool relu, bool pooled) {
    return guarded(
        [&] { forward_all(pool, x, w, b, *out, nullptr, top, left, relu, pooled); });
}

ffi::Error forward_kept(ffi::ThreadPool pool, Array x, Array w, Array b, Result out,
                        ffi::Result<ffi::Buffer<ffi::U8>> kept, int64_t top, int64_t left,
                        bool relu, bool pooled) {
    return guarded([&] {
        const Dims a = out->dimensions(), c = kept->dimensions();
        require(pooled, "only pooling keeps positions");
        require(a.size() == c.size() && std::equal(a.begin(), a.end(), c.begin()),
                "positions and the result differ in shape");
        forward_all(pool, x, w, b, *out, kept->typed_data(), top, left, relu, pooled);
    });
}

// Where a cotangent goes: bytes where it was pooled, floats of the output where there is a ReLU.
Cotangent cotangent(const Shape& s, const float* g, const ffi::AnyBuffer& kept, int64_t entry,
                    int64_t volume) {
    if (s.pool) {
        require(kept.element_type() == ffi::U8, "positions must be bytes");
        return {g, nullptr, static_cast<const uint8_t*>(kept.untyped_data()) + entry * volume};
    }
    require(kept.element_type() == ffi::F32, "the output must be float32");
    return {g, static_cast<const float*>(kept.untyped_data()) + entry * volume, nullptr};
}

ffi::Error input(ffi::ThreadPool pool, Array g, ffi::AnyBuffer kept, Array w, Result dx,
                 int64_t top, int64_t left, bool relu, bool pooled) {
    return guarded([&] {
        const Sizes gs(g.dimensions(), 4), ks(kept.dimensions(), 4), ws(w.dimensions(), 4),
            xs(dx->dimensions(), 4);
        const Shape s = shape_of(xs, ws, gs, top, left, relu, pooled);
        require(ks == gs, "the cotangent and what was kept differ in shape");
        const Replicas replicas(dx->dimensions(), 4);
        const Kernels& kernels = current();
        for (int64_t r = 0; r < replicas.count; ++r) {
            const float* from = g.typed_data() + replicas.entry(g.dimensions(), 4, r) * gs.volume;
            input_replica(pool, kernels, s,
                          cotangent(s, from, kept, replicas.entry(kept.dimensions(), 4, r),
                                    gs.volume),
                          w.typed_data() + replicas.entry(w.dimensions(), 4, r) * ws.volume,
                          dx->typed_data() + r * xs.volume);
        }
    });
}

ffi::Error weights(ffi::ThreadPool pool, Array g, ffi::AnyBuffer kept, Array x, Result dw,
                   Result db, int64_t top, int64_t left, bool relu, bool pooled) {
    return guarded([&] {
        const Sizes gs(g.dimensions(), 4), ks(kept.dimensions(), 4), xs(x.dimensions(), 4),
            ws(dw->dimensions(), 4);
        const Shape s = shape_of(xs, ws, gs, top, left, relu, pooled);
        require(ks == gs, "the cotangent and what was kept differ in shape");
        const Replicas replicas(dw->dimensions(), 4);
        const Sizes bs(db->dimensions(), 1);
        require(bs.at[0] == s.o && int64_t(db->element_count()) == replicas.count * s.o,
                "the bias gradient has another shape");
        const Kernels& kernels = current();
        for (int64_t r = 0; r < replicas.count; ++r) {
            const float* from = g.typed_data() + replicas.entry(g.dimensions(), 4, r) * gs.volume;
            weights_replica(pool, kernels, s,
                            x.typed_data() + replicas.entry(x.dimensions(), 4, r) * xs.volume,
                            cotangent(s, from, kept, replicas.entry(kept.dimensions(), 4, r),
                                      gs.volume),
                            dw->typed_data() + r * ws.volume, db->typed_data() + r * s.o);
        }
    });
}

auto bound() { return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>(); }

template <typename Binding>
auto attributes(Binding&& binding) {
    return std::forward<Binding>(binding)
        .template Attr<int64_t>("top")
        .template Attr<int64_t>("left")
        .template Attr<bool>("relu")
        .template Attr<bool>("pool");
}

}  // namespace
}  // namespace bital

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    bital_conv_forward, bital::forward,
    bital::attributes(
        bital::bound().Arg<bital::Array>().Arg<bital::Array>().Arg<bital::Array>().Ret<bital::Array>()));

XLA_FFI_DEFINE_HANDLER_SYMBOL(bital_conv_forward_kept, bital::forward_kept,
                              bital::attributes(bital::bound()
                                                    .Arg<bital::Array>()
                                                    .Arg<bital::Array>()
                                                    .Arg<bital::Array>()
                                                    .Ret<bital::Array>()
                                                    .Ret<ffi::Buffer<ffi::U8>>()));

XLA_FFI_DEFINE_HANDLER_SYMBOL(bital_conv_input, bital::input,
                              bital::attributes(bital::bound()
                                                    .Arg<bital::Array>()
                                                    .Arg<ffi::AnyBuffer>()
                                                    .Arg<bital::Array>()
                                                    .Ret<bital::Array>()));

XLA_FFI_DEFINE_HANDLER_SYMBOL(bital_conv_weights, bital::weights,
                              bital::attributes(bital::bound()
                                                    .Arg<bital::Array>()
                                                    .Arg<ffi::AnyBuffer>()
                                                    .Arg<bital::Array>()
                                                    .Ret<bital::Array>()
                                                    .Ret<bital::Array>()));

// Returns the name of the instruction set in use.
extern "C" const char* bital_instructions() { return bital::current().name; }

// Uses the kernels of that name from now on, the best ones where it is empty; returns whether this
// processor can run them.
extern "C" int bital_use(const char* name) {
    if (!*name) {
        bital::chosen = nullptr;
        return 1;
    }
    for (const bital::Kernels* kernels : bital::ALL)
        if (!std::strcmp(kernels->name, name) && bital::runs_here(*kernels)) {
            bital::chosen = kernels;
            return 1;
        }
    return 0;
}

#pragma GCC visibility pop
