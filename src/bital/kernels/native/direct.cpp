// Convolution as it is written, for one instruction set, chosen by BITAL_ISA.
#include "tile.h"

namespace bital {
namespace {

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

void pool_row(const Shape& s, const float* rows, int64_t channels, float* out, uint8_t* kept) {
    const int64_t row = s.ow * PANEL;
    for (int64_t x = 0; x < s.ow / 2; ++x, rows += 2 * PANEL, out += s.o)
        for (int64_t c = 0; c < channels; c += LANES) {
            const Vec taps[4] = {load(rows + c), load(rows + PANEL + c), load(rows + row + c),
                                 load(rows + row + PANEL + c)};
            pool(taps, s.relu, least(LANES, channels - c), out + c,
                 kept ? kept + x * s.o + c : nullptr);
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
const Kernels BITAL_ISA = {
    NAME(BITAL_ISA), PANEL, &WINOGRAD(BITAL_ISA), pack, forward, input, weights};

}  // namespace bital
