// 3x3 convolutions by tiles of 2x2 results, for one instruction set: 16 multiplications instead of
// 36, between transforms that only add (Winograd's minimal filtering F(2x2, 3x3); Lavin and Gray,
// arXiv:1509.09308). Channels come in whole groups of 16.
//
// With B, G and A those of the paper a tile is A^T (G w G^T * B^T d B) A, summed over the channels,
// and the weights' gradient G^T (A z A^T * B^T d B) G, summed over the tiles.
//
// A sum or difference of infinities is a NaN, where the convolution as it is written may have
// none: what is not finite is reported, and done again by `direct`.
#include "tile.h"

namespace bital {
namespace {

constexpr int POINTS = 16;

// From one point's values to the next one's: a cache line more than they take, for a power of two
// would keep all points of a tile in one set of the cache.
inline int64_t apart(int64_t tiles, int64_t channels) { return tiles * channels + 16; }

// A tile: its image, and where among the `down` by `across` tiles of one.
struct Place {
    int64_t down, across, image, y, x;
    Place(int64_t tile, int64_t down_, int64_t across_)
        : down(down_), across(across_), image(tile / (down_ * across_)), y(tile / across_ % down_),
          x(tile % across_) {}
    void next() {
        if (++x < across) return;
        x = 0;
        if (++y < down) return;
        y = 0;
        ++image;
    }
};

// Images, and cotangents before ReLU and pooling. `start` is where the pixel of an image at (y, x)
// is, `at` the value i rows below it and j columns right of it.
struct Image {
    const float* values;
    int64_t h, w, c;
    int64_t start(int64_t n, int64_t y, int64_t x) const { return ((n * h + y) * w + x) * c; }
    Vec at(int64_t start, int i, int j, int64_t channel) const {
        return load(values + start + (i * w + j) * c + channel);
    }
};

struct Rectified {
    const float *g, *out;
    int64_t h, w, c;
    int64_t start(int64_t n, int64_t y, int64_t x) const { return ((n * h + y) * w + x) * c; }
    Vec at(int64_t start, int i, int j, int64_t channel) const {
        const int64_t index = start + (i * w + j) * c + channel;
        return load(out + index) > 0 ? load(g + index) : Vec{};
    }
};

// `ODD`: whether what is read starts in odd rows and columns, inside a pooling window.
template <int ODD>
struct Pooled {
    const float* g;
    const uint8_t* kept;
    int64_t h, w, c;
    int64_t start(int64_t n, int64_t y, int64_t x) const {
        return ((n * (h / 2) + (y - ODD) / 2) * (w / 2) + (x - ODD) / 2) * c;
    }
    Vec at(int64_t start, int i, int j, int64_t channel) const {
        i += ODD;
        j += ODD;
        const int64_t index = start + (i / 2 * (w / 2) + j / 2) * c + channel;
        const Mask where =
            __builtin_convertvector(*reinterpret_cast<const Bytes*>(kept + index), Mask);
        return where == Mask{} + (i % 2 * 2 + j % 2) ? load(g + index) : Vec{};
    }
};

// Calls `body` with what reads a cotangent.
template <int ODD, typename Body>
inline void read(const Shape& s, const Cotangent& from, const Body& body) {
    if (s.pool)
        body(Pooled<ODD>{from.g, from.kept, s.oh, s.ow, s.o});
    else if (s.relu)
        body(Rectified{from.g, from.out, s.oh, s.ow, s.o});
    else
        body(Image{from.g, s.oh, s.ow, s.o});
}

// `SIZE` by `SIZE` pixels from row `top` and column `left` on, zero outside.
template <int SIZE, typename From>
struct Patch {
    const From& from;
    int64_t start, y0, y1, x0, x1;

    Patch(const From& from_, int64_t image, int64_t top, int64_t left)
        : from(from_), start(from_.start(image, top, left)), y0(-top), y1(from_.h - top),
          x0(-left), x1(from_.w - left) {}

    bool whole() const { return y0 <= 0 && SIZE <= y1 && x0 <= 0 && SIZE <= x1; }

    template <bool WHOLE>
    Vec at(int i, int j, int64_t channel) const {
        if (!WHOLE && (i < y0 || y1 <= i || j < x0 || x1 <= j)) return Vec{};
        return from.at(start, i, j, channel);
    }
};

// B^T d B.
template <bool WHOLE, typename P>
void transform(const P& d, int64_t channels, float* to, int64_t step) {
    for (int64_t c = 0; c < channels; c += LANES) {
        Vec rows[4][4];
        for (int j = 0; j < 4; ++j) {
            const Vec a = d.template at<WHOLE>(0, j, c), b = d.template at<WHOLE>(1, j, c),
                      e = d.template at<WHOLE>(2, j, c), f = d.template at<WHOLE>(3, j, c);
            rows[0][j] = a - e;
            rows[1][j] = b + e;
            rows[2][j] = e - b;
            rows[3][j] = b - f;
        }
        for (int i = 0; i < 4; ++i) {
            const Vec* r = rows[i];
            float* at = to + 4 * i * step + c;
            store(at, r[0] - r[2]);
            store(at + step, r[1] + r[2]);
            store(at + 2 * step, r[2] - r[1]);
            store(at + 3 * step, r[1] - r[3]);
        }
    }
}

// The points of `tiles` of them, (16, tiles, channels), of what lies `top` rows above and `left`
// columns left of their results.
template <typename From>
void points(const From& from, int64_t first, int64_t tiles, int64_t down, int64_t across,
            int64_t top, int64_t left, float* to) {
    const int64_t step = apart(tiles, from.c);
    Place p(first, down, across);
    for (int64_t t = 0; t < tiles; ++t, p.next(), to += from.c) {
        const Patch<4, From> patch(from, p.image, 2 * p.y - top, 2 * p.x - left);
        if (patch.whole())
            transform<true>(patch, from.c, to, step);
        else
            transform<false>(patch, from.c, to, step);
    }
}

// Multiplies (16, tiles, in) by a panel (16, in, PANEL) to (16, tiles, PANEL).
void products(const float* v, int64_t tiles, int64_t in, const float* u, int64_t channels,
              float* to) {
    const float zeros[PANEL] = {};
    Taps taps{nullptr, in, 0, 1, in, nullptr, 0};
    for (int point = 0; point < POINTS; ++point) {
        taps.b = u + point * in * PANEL;
        for (int64_t t = 0; t < tiles;) {
            const int64_t size = tile_size(t, tiles);
            taps.a = v + point * apart(tiles, in) + t * in;
            TABLES.multiply[vectors(channels) - 1][size - 1](
                taps, zeros, false, to + point * apart(tiles, PANEL) + t * PANEL, PANEL);
            t += size;
        }
    }
}

// A^T m A of one tile and vector of channels: 2x2 results.
inline void results(const float* m, int64_t step, Vec (&to)[4]) {
    Vec rows[2][4];
    for (int j = 0; j < 4; ++j) {
        const Vec a = load(m + j * step), b = load(m + (4 + j) * step),
                  c = load(m + (8 + j) * step), d = load(m + (12 + j) * step);
        rows[0][j] = a + b + c;
        rows[1][j] = b - c - d;
    }
    for (int i = 0; i < 2; ++i) {
        to[2 * i] = rows[i][0] + rows[i][1] + rows[i][2];
        to[2 * i + 1] = rows[i][1] - rows[i][2] - rows[i][3];
    }
}

// Zero times a value is zero, but a NaN for what is not finite.
inline bool finite(Vec zero) {
    float lanes[LANES];
    std::memcpy(lanes, &zero, sizeof lanes);
    float sum = 0;
    for (float lane : lanes) sum += lane;
    return sum == 0;
}

void turn(int64_t in, const float* packed, float* to) {
    for (int64_t i = 0; i < in * PANEL; i += LANES) {
        Vec rows[4][3];
        for (int j = 0; j < 3; ++j) {
            const Vec a = load(packed + j * in * PANEL + i),
                      b = load(packed + (3 + j) * in * PANEL + i),
                      c = load(packed + (6 + j) * in * PANEL + i);
            rows[0][j] = a;
            rows[1][j] = (a + b + c) * 0.5f;
            rows[2][j] = (a - b + c) * 0.5f;
            rows[3][j] = c;
        }
        for (int k = 0; k < 4; ++k) {
            const Vec* r = rows[k];
            float* at = to + 4 * k * in * PANEL + i;
            store(at, r[0]);
            store(at + in * PANEL, (r[0] + r[1] + r[2]) * 0.5f);
            store(at + 2 * in * PANEL, (r[0] - r[1] + r[2]) * 0.5f);
            store(at + 3 * in * PANEL, r[2]);
        }
    }
}

// Multiplies the points at `scratch`, (16, tiles, in), by every panel of `u` and calls
// `each(place, tile, channel, results)` for each tile and vector of the `out` channels.
template <typename Each>
void multiply_out(int64_t first, int64_t tiles, int64_t down, int64_t across, int64_t in,
                  int64_t out, const float* u, float* scratch, const Each& each) {
    float* products_at = scratch + POINTS * apart(tiles, in);
    for (int64_t o = 0; o < out; o += PANEL, u += POINTS * in * PANEL) {
        const int64_t channels = least(PANEL, out - o);
        products(scratch, tiles, in, u, channels, products_at);
        Place p(first, down, across);
        for (int64_t t = 0; t < tiles; ++t, p.next())
            for (int64_t c = 0; c < channels; c += LANES) {
                Vec y[4];
                results(products_at + t * PANEL + c, apart(tiles, PANEL), y);
                each(p, first + t, o + c, y);
            }
    }
}

// Puts a tile's results into images (h, w, c), but for what lies outside.
inline void put(const Vec (&y)[4], const Place& p, int64_t h, int64_t w, int64_t c, float* to) {
    for (int i = 0; i < 4; ++i) {
        const int64_t row = 2 * p.y + i / 2, column = 2 * p.x + i % 2;
        if (row < h && column < w) store(to + ((p.image * h + row) * w + column) * c, y[i]);
    }
}

bool forward(const Shape& s, int64_t first, int64_t last, const float* x, const float* u,
             const float* bias, float* out, uint8_t* kept, float* scratch) {
    const int64_t tiles = last - first, down = (s.oh + 1) / 2, across = (s.ow + 1) / 2;
    points(Image{x, s.h, s.w, s.c}, first, tiles, down, across, s.top, s.left, scratch);
    Vec zero{};
    multiply_out(first, tiles, down, across, s.c, s.o, u, scratch,
                 [&](const Place& p, int64_t tile, int64_t channel, Vec(&y)[4]) {
                     for (Vec& value : y) {
                         value += load(bias + channel);
                         zero += value * 0.0f;
                         if (s.relu) value = value < 0 ? Vec{} : value;
                     }
                     const int64_t at = tile * s.o + channel;
                     if (s.pool)
                         pool(y, s.relu, LANES, out + at, kept ? kept + at : nullptr);
                     else
                         put(y, p, s.oh, s.ow, s.o, out + channel);
                 });
    return finite(zero);
}

bool input(const Shape& s, int64_t first, int64_t last, const Cotangent& from, const float* u,
           float* dx, float* scratch) {
    const int64_t tiles = last - first, down = (s.h + 1) / 2, across = (s.w + 1) / 2;
    const auto take = [&](const auto& cotangent) {
        points(cotangent, first, tiles, down, across, 2 - s.top, 2 - s.left, scratch);
    };
    if (s.top)
        read<1>(s, from, take);
    else
        read<0>(s, from, take);
    Vec zero{};
    multiply_out(first, tiles, down, across, s.o, s.c, u, scratch,
                 [&](const Place& p, int64_t, int64_t channel, Vec(&y)[4]) {
                     for (const Vec& value : y) zero += value * 0.0f;
                     put(y, p, s.h, s.w, s.c, dx + channel);
                 });
    return finite(zero);
}

// A z A^T.
template <bool WHOLE, typename P>
void spread(const P& z, int64_t from, int64_t channels, float* to, int64_t step) {
    for (int64_t c = 0; c < channels; c += LANES) {
        Vec rows[4][2];
        for (int j = 0; j < 2; ++j) {
            const Vec a = z.template at<WHOLE>(0, j, from + c),
                      b = z.template at<WHOLE>(1, j, from + c);
            rows[0][j] = a;
            rows[1][j] = a + b;
            rows[2][j] = a - b;
            rows[3][j] = Vec{} - b;
        }
        for (int i = 0; i < 4; ++i) {
            const Vec a = rows[i][0], b = rows[i][1];
            float* at = to + 4 * i * step + c;
            store(at, a);
            store(at + step, a + b);
            store(at + 2 * step, a - b);
            store(at + 3 * step, Vec{} - b);
        }
    }
}

// The points of `tiles` 2x2 tiles of a cotangent, (16, tiles, PANEL), `channels` from `o` on.
template <typename From>
void spread_points(const From& from, int64_t first, int64_t tiles, int64_t down, int64_t across,
                   int64_t o, int64_t channels, float* to) {
    const int64_t step = apart(tiles, PANEL);
    Place p(first, down, across);
    for (int64_t t = 0; t < tiles; ++t, p.next(), to += PANEL) {
        const Patch<2, From> patch(from, p.image, 2 * p.y, 2 * p.x);
        if (patch.whole())
            spread<true>(patch, o, channels, to, step);
        else
            spread<false>(patch, o, channels, to, step);
    }
}

void weights(const Shape& s, int64_t first, int64_t last, const float* x, const Cotangent& from,
             int64_t panel0, int64_t panel1, float* sums, float* scratch) {
    const int64_t tiles = last - first, down = (s.oh + 1) / 2, across = (s.ow + 1) / 2;
    const int64_t step = apart(tiles, PANEL);
    float* cotangents = scratch + POINTS * apart(tiles, s.c);
    points(Image{x, s.h, s.w, s.c}, first, tiles, down, across, s.top, s.left, scratch);
    for (int64_t panel = panel0; panel < panel1; ++panel) {
        const int64_t o = panel * PANEL, channels = least(PANEL, s.o - o);
        float* to = sums + panel * (POINTS * s.c + 1) * PANEL;
        read<0>(s, from, [&](const auto& cotangent) {
            spread_points(cotangent, first, tiles, down, across, o, channels, cotangents);
        });
        for (int point = 0; point < POINTS; ++point) {
            const Pair pair{scratch + point * apart(tiles, s.c), cotangents + point * step};
            for (int64_t k = 0; k < s.c;) {
                const int64_t size = tile_size(k, s.c);
                TABLES.gather[vectors(channels) - 1][size - 1](
                    &pair, 1, k, 0, tiles, s.c, to + (point * s.c + k) * PANEL);
                k += size;
            }
        }
        // Row 1 and column 1 of A add up all four.
        float* db = to + POINTS * s.c * PANEL;
        for (int64_t c = 0; c < channels; c += LANES) {
            Vec sum = load(db + c);
            for (int64_t t = 0; t < tiles; ++t) sum += load(cotangents + 5 * step + t * PANEL + c);
            store(db + c, sum);
        }
    }
}

bool filter(int64_t in, const float* sums, float* dw) {
    Vec zero{};
    for (int64_t i = 0; i < in * PANEL; i += LANES) {
        Vec rows[3][4];
        for (int j = 0; j < 4; ++j) {
            const float* at = sums + j * in * PANEL + i;
            const Vec a = load(at), b = load(at + 4 * in * PANEL), c = load(at + 8 * in * PANEL),
                      d = load(at + 12 * in * PANEL);
            rows[0][j] = a + (b + c) * 0.5f;
            rows[1][j] = (b - c) * 0.5f;
            rows[2][j] = (b + c) * 0.5f + d;
        }
        for (int k = 0; k < 3; ++k) {
            const Vec* r = rows[k];
            const Vec taps[3] = {r[0] + (r[1] + r[2]) * 0.5f, (r[1] - r[2]) * 0.5f,
                                 (r[1] + r[2]) * 0.5f + r[3]};
            for (int j = 0; j < 3; ++j) {
                zero += taps[j] * 0.0f;
                store(dw + (3 * k + j) * in * PANEL + i, taps[j]);
            }
        }
    }
    return finite(zero);
}

}  // namespace

const Winograd WINOGRAD(BITAL_ISA) = {turn, forward, input, weights, filter};

}  // namespace bital
