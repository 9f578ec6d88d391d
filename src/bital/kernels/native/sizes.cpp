// How much a task takes on, and the scratch memory that needs.
#include "kernels.h"

namespace bital {

int64_t band_rows(const Shape& s, int64_t panel) {
    // Rows that are next to each other make tiles of pixels at the left and right edges; without
    // such edges two rows are as good, and stay in the first cache.
    const bool edges = s.left > 0 || s.ow + s.kw - 1 > s.w;
    const int64_t fit = 12 * 1024 / (s.ow * panel) / 2 * 2;
    return !edges || fit < 2 ? 2 : fit > 14 ? 14 : fit;
}

int64_t band_floats(const Shape& s, int64_t panel) {
    return s.pool ? band_rows(s, panel) * s.ow * panel : 0;
}

int64_t strip_floats(const Shape& s, int64_t rows) {
    const int64_t reached = rows + s.kh + 1;
    return s.relu || s.pool ? (reached < s.oh ? reached : s.oh) * s.ow * s.o : 0;
}

int64_t weights_floats(const Shape& s, int64_t images, int64_t rows, int64_t panel) {
    const int64_t pair = 4;  // two pointers, in floats
    return images * (rows * s.ow * panel + (rows + s.kh - 1) * (s.ow + s.kw - 1) * s.c +
                     rows * pair) + pair;
}

int64_t winograd_tiles(int64_t tiles, int64_t in, int64_t workers) {
    // Whole tiles of registers of any instruction set; the points in a megabyte; a few tasks for
    // each worker.
    const int64_t unit = 42, fit = (1 << 14) / in / unit * unit;
    const int64_t each = (tiles + 4 * workers - 1) / (4 * workers);
    const int64_t most = fit < unit ? unit : fit;
    return each > most ? most : each < 14 ? 14 : each;
}

int64_t winograd_floats(int64_t tiles, int64_t in, int64_t panel) {
    return 16 * (tiles * (in + panel) + 32);
}

}  // namespace bital
