// One convolution and its gradients on XLA's threads.
#pragma once

#include "kernels.h"
#include "xla/ffi/api/ffi.h"

namespace bital {

// `kept`: where the position of each pooled value goes, or null.
void convolve(xla::ffi::ThreadPool&, const Kernels&, const Shape&, const float* x, const float* w,
              const float* b, float* out, uint8_t* kept);

void input_gradient(xla::ffi::ThreadPool&, const Kernels&, const Shape&, const Cotangent&,
                    const float* w, float* dx);

// The result depends on the number of threads, which decides how sums are cut, and on nothing else.
void weights_gradient(xla::ffi::ThreadPool&, const Kernels&, const Shape&, const float* x,
                      const Cotangent&, float* dw, float* db);

}  // namespace bital
