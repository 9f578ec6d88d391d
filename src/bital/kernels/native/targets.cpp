// What XLA calls: shapes are checked, replicas told apart, errors handed on.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "convolve.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace bital {
namespace {

using Array = ffi::Buffer<ffi::F32>;
using Result = ffi::Result<Array>;
using Dims = ffi::AnyBuffer::Dimensions;

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
        convolve(pool, kernels, s,
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
            input_gradient(pool, kernels, s,
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
            weights_gradient(pool, kernels, s,
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
