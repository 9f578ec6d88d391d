// The kernels for one instruction set, chosen by BITAL_ISA. Everything but the table has internal
// linkage and no library template is used, so that no other instruction set's code calls into it.
#include <cstring>

#include "kernels.h"

#if defined(__AVX512F__)
#define LANES 16
#define VECTORS 2
#define PIXELS 14
#elif defined(__AVX2__)
#define LANES 8
#define VECTORS 2
#define PIXELS 6
#elif defined(__aarch64__)
#define LANES 4
#define VECTORS 4
#define PIXELS 6
#else
#define LANES 4
#define VECTORS 2
#define PIXELS 6
#endif

namespace bital {
namespace {

constexpr int64_t PANEL = LANES * VECTORS;

// The alignment of one float: these load and store anywhere.
typedef float Vec __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t Mask __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(LANES), aligned(1), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }
inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Taps of the filter: `rows` rows of `length` values, kw * c of them next to each other.
struct Taps {
    const float* a;  // the first pixel's first value
    int64_t pixel;   // from one pixel of the tile to the next
    int64_t row;
    int64_t rows, length;
    const float* b;  // packed weights of the first tap
    int64_t weights_row;
};

// A tile of M pixels by V vectors of channels, whole in registers.
template <int M, int V>
void multiply(const Taps& t, const float* bias, bool relu, float* out, int64_t step) {
    Vec sum[M][V];
    for (int i = 0; i < M; ++i)
        for (int v = 0; v < V; ++v) sum[i][v] = load(bias + v * LANES);
    const int64_t pixel = t.pixel;
    for (int64_t r = 0; r < t.rows; ++r) {
        const float* a = t.a + r * t.row;
        const float* b = t.b + r * t.weights_row;
        for (int64_t k = 0; k < t.length; ++k, ++a, b += PANEL) {
            Vec w[V];
            for (int v = 0; v < V; ++v) w[v] = load(b + v * LANES);
            for (int i = 0; i < M; ++i)
                for (int v = 0; v < V; ++v) sum[i][v] += w[v] * a[i * pixel];
        }
    }
    for (int i = 0; i < M; ++i)
        for (int v = 0; v < V; ++v) {
            Vec s = sum[i][v];
            if (relu) s = s < 0 ? Vec{} : s;  // a NaN stays one
            store(out + i * step + v * LANES, s);
        }
}

// One row of values of x against one row of cotangents, for a weight gradient.
struct Pair {
    const float* x;
    const float* z;
};

// A tile of M taps by V vectors of channels, summed over `count` pixels of every row.
template <int M, int V>
void gather(const Pair* rows, int64_t number, int64_t offset, int64_t first, int64_t count,
            int64_t pixel, float* dw) {
    Vec sum[M][V];
    for (int i = 0; i < M; ++i)
        for (int v = 0; v < V; ++v) sum[i][v] = Vec{};
    for (int64_t r = 0; r < number; ++r) {
        const float* a = rows[r].x + first * pixel + offset;
        const float* z = rows[r].z + first * PANEL;
        for (int64_t p = 0; p < count; ++p, a += pixel, z += PANEL) {
            Vec w[V];
            for (int v = 0; v < V; ++v) w[v] = load(z + v * LANES);
            for (int i = 0; i < M; ++i)
                for (int v = 0; v < V; ++v) sum[i][v] += w[v] * a[i];
        }
    }
    for (int i = 0; i < M; ++i)
        for (int v = 0; v < V; ++v) {
            float* p = dw + i * PANEL + v * LANES;
            store(p, load(p) + sum[i][v]);
        }
}

typedef void (*Multiply)(const Taps&, const float*, bool, float*, int64_t);
typedef void (*Gather)(const Pair*, int64_t, int64_t, int64_t, int64_t, int64_t, float*);

// Functions by number of vectors and of pixels (or taps), from 1.
struct Tables {
    Multiply multiply[VECTORS][PIXELS];
    Gather gather[VECTORS][PIXELS];
};

template <int V, int M>
constexpr void fill(Tables& t) {
    t.multiply[V - 1][M - 1] = multiply<M, V>;
    t.gather[V - 1][M - 1] = gather<M, V>;
    if constexpr (M > 1)
        fill<V, M - 1>(t);
    else if constexpr (V > 1)
        fill<V - 1, PIXELS>(t);
}

constexpr Tables tables() {
    Tables t{};
    fill<VECTORS, PIXELS>(t);
    return t;
}

constexpr Tables TABLES = tables();

inline int64_t vectors(int64_t channels) { return (least(channels, PANEL) + LANES - 1) / LANES; }

// Cuts `total` into the fewest tiles, of nearly the same size.
inline int64_t tile_size(int64_t done, int64_t total) {
    int64_t left = total - done, tiles = (left + PIXELS - 1) / PIXELS;
    return (left + tiles - 1) / tiles;
}

// What is correlated with the filter: an image, or rows of a cotangent.
struct Source {
    const float* base;  // where row 0 is, or would be
    int64_t h, w, c;
    int64_t top, left;
};

// Where results go.
struct Target {
    float* base;  // row y0, column 0
    int64_t pixel, row;
    int64_t channels;  // of this panel
};

void tile(Taps& t, int64_t pixels, const float* bias, bool relu, const Target& to, float* out,
          int64_t step) {
    const int64_t v = vectors(to.channels);
    const Multiply function = TABLES.multiply[v - 1][pixels - 1];
    if (v * LANES == to.channels || to.pixel == PANEL) {
        function(t, bias, relu, out, step);
        return;
    }
    float full[PIXELS * PANEL];
    function(t, bias, relu, full, PANEL);
    for (int64_t i = 0; i < pixels; ++i)
        std::memcpy(out + i * step, full + i * PANEL, sizeof(float) * to.channels);
}

// Rows y0 to y1, all `columns`, of one panel. Pixels with the same valid taps make up the tiles,
// along a row inside and along a column at the left and right edges, so padding costs nothing.
void correlate(const Source& s, int64_t kh, int64_t kw, const float* packed, const float* bias,
               bool relu, int64_t y0, int64_t y1, int64_t columns, const Target& to) {
    const int64_t pitch = s.w * s.c, line = kw * s.c;
    int64_t inner0 = least(s.left, columns);
    int64_t inner1 = most(inner0, least(columns, s.w + s.left - kw + 1));
    Taps t{nullptr, s.c, pitch, 0, 0, nullptr, line * PANEL};
    for (int64_t y = y0; y < y1; ++y) {
        const int64_t from = most(0, s.top - y);
        t.rows = most(0, least(kh, s.h + s.top - y) - from);
        t.length = line;
        t.b = packed + from * line * PANEL;
        const float* row = s.base + (y + from - s.top) * pitch;
        for (int64_t x = inner0; x < inner1;) {
            const int64_t size = tile_size(x, inner1);
            t.a = row + (x - s.left) * s.c;
            tile(t, size, bias, relu, to, to.base + (y - y0) * to.row + x * to.pixel, to.pixel);
            x += size;
        }
    }
    t.pixel = pitch;
    for (int64_t x = 0; x < columns; ++x) {
        if (x == inner0) x = inner1;
        if (x >= columns) break;
        const int64_t left = most(0, s.left - x);
        const int64_t taps = most(0, least(kw, s.w + s.left - x) - left);
        for (int64_t y = y0; y < y1;) {
            const int64_t from = most(0, s.top - y), until = least(kh, s.h + s.top - y);
            int64_t same = y + 1;
            while (same < y1 && most(0, s.top - same) == from &&
                   least(kh, s.h + s.top - same) == until)
                ++same;
            const int64_t size = tile_size(y, same);
            t.rows = taps ? most(0, until - from) : 0;
            t.length = taps * s.c;
            t.b = packed + (from * line + left * s.c) * PANEL;
            t.a = s.base + (y + from - s.top) * pitch + (x + left - s.left) * s.c;
            tile(t, size, bias, relu, to, to.base + (y - y0) * to.row + x * to.pixel, to.row);
            y += size;
        }
    }
}

void pack(const Shape& s, bool turned, const float* weights, int64_t panel, float* packed) {
    const int64_t out = turned ? s.c : s.o, in = turned ? s.o : s.c;
    const int64_t o0 = panel * PANEL, valid = least(PANEL, out - o0);
    float* to = packed + panel * s.kh * s.kw * in * PANEL;
    for (int64_t tap = 0; tap < s.kh * s.kw; ++tap) {
        const float* from = weights + (turned ? s.kh * s.kw - 1 - tap : tap) * s.c * s.o;
        for (int64_t i = 0; i < in; ++i, to += PANEL) {
            if (turned)
                for (int64_t o = 0; o < valid; ++o) to[o] = from[(o0 + o) * s.o + i];
            else
                std::memcpy(to, from + i * s.o + o0, sizeof(float) * valid);
            for (int64_t o = valid; o < PANEL; ++o) to[o] = 0;
        }
    }
}

// Pooling of two rows, for V vectors of channels. As in XLA a NaN is the largest, but its gradient
// goes to the last that nothing before it is larger than or equal to.
void pool_row(const Shape& s, const float* rows, int64_t channels, float* out, uint8_t* kept) {
    const int64_t row = s.ow * PANEL;
    for (int64_t x = 0; x < s.ow / 2; ++x, rows += 2 * PANEL, out += s.o) {
        for (int64_t c = 0; c < channels; c += LANES) {
            const Vec taps[4] = {load(rows + c), load(rows + PANEL + c), load(rows + row + c),
                                 load(rows + row + PANEL + c)};
            Vec largest = taps[0];
            for (int i = 1; i < 4; ++i)
                largest = ((largest >= taps[i]) | (largest != largest)) ? largest : taps[i];
            const int64_t valid = least(LANES, channels - c);
            if (valid == LANES)
                store(out + c, largest);
            else
                std::memcpy(out + c, &largest, sizeof(float) * valid);
            if (!kept) continue;
            Vec best = taps[0];
            Mask where{};
            for (int i = 1; i < 4; ++i) {
                const Mask keep = best >= taps[i];
                best = keep ? best : taps[i];
                where = keep ? where : Mask{} + i;
            }
            if (s.relu) where = best > 0 ? where : Mask{} + DEAD;
            const Bytes bytes = __builtin_convertvector(where, Bytes);
            std::memcpy(kept + x * s.o + c, &bytes, valid);
        }
    }
}

void forward(const Shape& s, const Part& part, const float* x, const float* packed,
             const float* bias, float* out, uint8_t* kept, float* band) {
    const Source source{x + part.first * s.h * s.w * s.c, s.h, s.w, s.c, s.top, s.left};
    const int64_t k = s.kh * s.kw * s.c;
    for (int64_t o = 0; o < s.o; o += PANEL, packed += k * PANEL) {
        const int64_t channels = least(PANEL, s.o - o);
        if (!s.pool) {
            float* to = out + ((part.first * s.oh + part.y0) * s.ow) * s.o + o;
            correlate(source, s.kh, s.kw, packed, bias + o, s.relu, part.y0, part.y1, s.ow,
                      {to, s.o, s.ow * s.o, channels});
            continue;
        }
        const int64_t rows = band_rows(s, PANEL);
        for (int64_t y = part.y0; y < part.y1; y += rows) {
            const int64_t until = least(part.y1, y + rows);
            correlate(source, s.kh, s.kw, packed, bias + o, s.relu, y, until, s.ow,
                      {band, PANEL, s.ow * PANEL, channels});
            for (int64_t p = y; p < until; p += 2) {
                const int64_t at = (part.first * s.oh + p) / 2 * (s.ow / 2) * s.o + o;
                pool_row(s, band + (p - y) * s.ow * PANEL, channels, out + at,
                         kept ? kept + at : nullptr);
            }
        }
    }
}

// One pooled pixel's cotangent to where each channel's value came from.
inline void spread(const float* g, const uint8_t* kept, int64_t channels, float* to, int64_t pixel,
                   int64_t row) {
    float* const places[4] = {to, to + pixel, to + row, to + row + pixel};
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES) {
        const Vec value = load(g + c);
        const Mask where =
            __builtin_convertvector(*reinterpret_cast<const Bytes*>(kept + c), Mask);
        for (int i = 0; i < 4; ++i) store(places[i] + c, where == i ? value : Vec{});
    }
    for (; c < channels; ++c)
        for (int i = 0; i < 4; ++i) places[i][c] = kept[c] == i ? g[c] : 0;
}

// The cotangent before ReLU and pooling: rows y0 to y1 of an image, `channels` from `o` on.
void expand(const Shape& s, const Cotangent& from, int64_t image, int64_t y0, int64_t y1,
            int64_t o, int64_t channels, float* to, int64_t pixel) {
    if (!s.pool) {
        for (int64_t at = (image * s.oh + y0) * s.ow; at < (image * s.oh + y1) * s.ow; ++at) {
            const float* g = from.g + at * s.o + o;
            if (s.relu) {
                const float* out = from.out + at * s.o + o;
                for (int64_t i = 0; i < channels; ++i) to[i] = out[i] > 0 ? g[i] : 0;
            } else {
                std::memcpy(to, g, sizeof(float) * channels);
            }
            to += pixel;
        }
        return;
    }
    for (int64_t y = y0; y < y1; y += 2) {
        int64_t at = (image * s.oh + y) / 2 * (s.ow / 2) * s.o + o;
        for (int64_t x = 0; x < s.ow / 2; ++x, at += s.o)
            spread(from.g + at, from.kept + at, channels, to + 2 * x * pixel, pixel, s.ow * pixel);
        to += 2 * s.ow * pixel;
    }
}

void input(const Shape& s, const Part& part, const Cotangent& from, const float* packed, float* dx,
           float* strip) {
    const int64_t top = s.kh - 1 - s.top, left = s.kw - 1 - s.left, pitch = s.ow * s.o;
    const float* base = from.g + part.first * s.oh * pitch;
    if (s.relu || s.pool) {
        const int64_t first = most(0, least(s.oh, part.y0 - top)) / 2 * 2;
        const int64_t last = least(s.oh, most(first, part.y1 - top + s.kh) / 2 * 2);
        expand(s, from, part.first, first, last, 0, s.o, strip, s.o);
        base = strip - first * pitch;
    }
    const Source source{base, s.oh, s.ow, s.o, top, left};
    const float zeros[PANEL] = {};
    float* to = dx + (part.first * s.h + part.y0) * s.w * s.c;
    for (int64_t c = 0; c < s.c; c += PANEL, packed += s.kh * s.kw * s.o * PANEL)
        correlate(source, s.kh, s.kw, packed, zeros, false, part.y0, part.y1, s.w,
                  {to + c, s.c, s.w * s.c, least(PANEL, s.c - c)});
}

void weights(const Shape& s, const Part& part, const float* x, const Cotangent& from,
             int64_t panel, float* dw, float* db, float* scratch) {
    const int64_t images = part.last - part.first, rows = part.y1 - part.y0;
    const int64_t o = panel * PANEL, channels = least(PANEL, s.o - o);
    const int64_t v = vectors(channels), line = s.kw * s.c;
    float* z = scratch;
    const int64_t z_image = rows * s.ow * PANEL;
    if (channels < PANEL) std::memset(z, 0, sizeof(float) * images * z_image);
    for (int64_t i = 0; i < images; ++i)
        expand(s, from, part.first + i, part.y0, part.y1, o, channels, z + i * z_image, PANEL);
    Vec sums[VECTORS] = {};
    for (int64_t at = 0; at < images * z_image; at += PANEL)
        for (int i = 0; i < VECTORS; ++i) sums[i] += load(z + at + i * LANES);
    for (int i = 0; i < VECTORS; ++i) store(db + i * LANES, load(db + i * LANES) + sums[i]);

    // A row of values per row of x that any tap reaches; with padding at its ends where needed.
    const int64_t low = most(0, part.y0 - s.top), high = least(s.h, part.y1 - s.top + s.kh - 1);
    const int64_t width = s.ow + s.kw - 1;
    const bool pads = s.left > 0 || width > s.w;
    const int64_t pitch = (pads ? width : s.w) * s.c;
    float* padded = z + images * z_image;
    Pair* pairs = reinterpret_cast<Pair*>(padded + (pads ? images * (rows + s.kh - 1) * pitch : 0));
    if (pads) {
        const int64_t before = s.left * s.c, inside = least(s.w, width - s.left) * s.c;
        for (int64_t i = 0; i < images; ++i)
            for (int64_t y = low; y < high; ++y) {
                float* to = padded + (i * (rows + s.kh - 1) + y - low) * pitch;
                std::memset(to, 0, sizeof(float) * before);
                std::memcpy(to + before, x + ((part.first + i) * s.h + y) * s.w * s.c,
                            sizeof(float) * inside);
                std::memset(to + before + inside, 0, sizeof(float) * (pitch - before - inside));
            }
    }
    for (int64_t dy = 0; dy < s.kh; ++dy) {
        const int64_t y0 = most(part.y0, s.top - dy), y1 = least(part.y1, s.h + s.top - dy);
        int64_t number = 0;
        for (int64_t i = 0; i < images; ++i)
            for (int64_t y = y0; y < y1; ++y) {
                const int64_t at = y + dy - s.top;
                const float* row = pads ? padded + (i * (rows + s.kh - 1) + at - low) * pitch
                                        : x + ((part.first + i) * s.h + at) * pitch;
                pairs[number++] = {row, z + i * z_image + (y - part.y0) * s.ow * PANEL};
            }
        for (int64_t k = 0; k < line;) {
            const int64_t size = tile_size(k, line);
            // Columns in which any of the tile's taps is inside.
            const int64_t first = most(0, s.left - (k + size - 1) / s.c);
            const int64_t last = least(s.ow, s.w + s.left - k / s.c);
            TABLES.gather[v - 1][size - 1](pairs, number, k, first, most(0, last - first), s.c,
                                           dw + (dy * line + k) * PANEL);
            k += size;
        }
    }
}

}  // namespace

#define NAME_(isa) #isa
#define NAME(isa) NAME_(isa)
const Kernels BITAL_ISA = {NAME(BITAL_ISA), PANEL, pack, forward, input, weights};

}  // namespace bital
