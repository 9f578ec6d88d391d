// What the kernels compute and where they find it. Each instruction set has a table of the same
// functions; direct.cpp and winograd.cpp are compiled once for each.
//
// This header is seen by code for several instruction sets. It must define no inline function and
// no template: the linker keeps one copy of those, which may be one the processor cannot run.
#pragma once

#include <cstdint>

namespace bital {

// A convolution with stride 1 and what follows it. Tensors are float32 with channels last:
// x (n, h, w, c), weights (kh, kw, c, o). Rows and columns that pooling drops are never computed,
// so oh and ow, those of the convolution, are even where it pools.
struct Shape {
    int64_t n, h, w, c;
    int64_t kh, kw, o;
    int64_t oh, ow;
    int64_t top, left;  // padding; that at the bottom and on the right follows
    bool relu, pool;
};

// What one position in a pooling window is called when its gradient is lost in the ReLU.
constexpr uint8_t DEAD = 4;

// What comes back from the layer above, and what tells where it goes.
struct Cotangent {
    const float* g;       // (n, oh, ow, o), or (n, oh / 2, ow / 2, o) with pooling
    const float* out;     // what the forward pass gave, where ReLU and no pooling; or null
    const uint8_t* kept;  // position in its window of each pooled value, or DEAD; or null
};

// The rows of images that one task works on.
struct Part {
    int64_t first, last;  // images
    int64_t y0, y1;       // rows of the convolution, or of its input for its gradient
};

// 3x3 convolutions by tiles of 2x2 results, which are numbered through all images: `first` to
// `last` of them. Those that compute results return whether all are finite; where not, they may be
// wrong.
struct Winograd {
    // A panel of `pack` (9, in, panel) to the 16 points of tiles (16, in, panel).
    void (*turn)(int64_t in, const float* packed, float* points);

    bool (*forward)(const Shape&, int64_t first, int64_t last, const float* x, const float* points,
                    const float* bias, float* out, uint8_t* kept, float* scratch);

    bool (*input)(const Shape&, int64_t first, int64_t last, const Cotangent&, const float* points,
                  float* dx, float* scratch);

    // Adds to (16, c, panel) and, next to it, the bias gradient (panel), of panels `panel0` to
    // `panel1`; `filter` makes the first a weight gradient (9, c, panel).
    void (*weights)(const Shape&, int64_t first, int64_t last, const float* x, const Cotangent&,
                    int64_t panel0, int64_t panel1, float* sums, float* scratch);
    bool (*filter)(int64_t in, const float* sums, float* dw);
};

struct Kernels {
    const char* name;
    int64_t panel;  // output channels computed together
    const Winograd* winograd;

    // Weights to panels (o / panel, kh * kw * c, panel), filled up with zeros. `turned`: rotated by
    // half a turn with input and output channels exchanged, as the input's gradient wants them.
    void (*pack)(const Shape&, bool turned, const float* weights, int64_t panel, float* packed);

    // Rows y0 to y1 of one image. `bias` is filled up to whole panels; `band` holds a few rows.
    void (*forward)(const Shape&, const Part&, const float* x, const float* packed,
                    const float* bias, float* out, uint8_t* kept, float* band);

    // Rows y0 to y1 of one image of the input's gradient. `strip` holds the rows of the
    // cotangent that reach them.
    void (*input)(const Shape&, const Part&, const Cotangent&, const float* packed, float* dx,
                  float* strip);

    // Adds to a panel's weight gradient (kh * kw * c, panel) and bias gradient (panel).
    void (*weights)(const Shape&, const Part&, const float* x, const Cotangent&, int64_t panel,
                    float* dw, float* db, float* scratch);
};

// Rows of the convolution that `forward` makes before it pools them, and floats they take.
int64_t band_rows(const Shape&, int64_t panel);
int64_t band_floats(const Shape&, int64_t panel);
// Floats that `input` and `weights` need for that many rows of an image (or images).
int64_t strip_floats(const Shape&, int64_t rows);
int64_t weights_floats(const Shape&, int64_t images, int64_t rows, int64_t panel);

// How many of `tiles` are worked on together, and floats of scratch those take.
int64_t winograd_tiles(int64_t tiles, int64_t in, int64_t workers);
int64_t winograd_floats(int64_t tiles, int64_t in, int64_t panel);

extern const Kernels portable;
extern const Winograd portable_winograd;
#ifdef BITAL_X86
extern const Kernels avx2, avx512;
extern const Winograd avx2_winograd, avx512_winograd;
#endif

}  // namespace bital
