// Vectors of one instruction set and the tiles of registers that all sums are made in. Everything
// has internal linkage and no library template is used, so that a file compiled for one instruction
// set never calls what was compiled for another.
#pragma once

#include <cstring>

#include "kernels.h"

// What winograd.cpp is called: avx2_winograd and so on.
#define WINOGRAD_(isa) isa##_winograd
#define WINOGRAD(isa) WINOGRAD_(isa)

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


// The largest of four taps and, where `kept` is not null, which it was. As in XLA a NaN is the
// largest, but its gradient goes to the last that nothing before it is larger than or equal to.
inline void pool(const Vec (&taps)[4], bool relu, int64_t valid, float* out, uint8_t* kept) {
    Vec largest = taps[0];
    for (int i = 1; i < 4; ++i)
        largest = ((largest >= taps[i]) | (largest != largest)) ? largest : taps[i];
    std::memcpy(out, &largest, sizeof(float) * valid);
    if (!kept) return;
    Vec best = taps[0];
    Mask where{};
    for (int i = 1; i < 4; ++i) {
        const Mask keep = best >= taps[i];
        best = keep ? best : taps[i];
        where = keep ? where : Mask{} + i;
    }
    if (relu) where = best > 0 ? where : Mask{} + DEAD;
    const Bytes bytes = __builtin_convertvector(where, Bytes);
    std::memcpy(kept, &bytes, valid);
}

}  // namespace
}  // namespace bital
