// Work shared out on XLA's own thread pool, the calling thread working too.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

#include "xla/ffi/api/ffi.h"

namespace bital {

// Calls `task(index, worker)` for every index below `tasks`; workers are numbered from 0, and each
// runs one task at a time. Returns when all are done; throws what the first failed task threw.
//
// The calling thread waits for tasks that have begun, never for a helper to begin: it may be a
// thread of the pool itself, with all others waiting in the same way. A helper that starts too late
// finds nothing left and touches only what it shares the ownership of.
inline void share(xla::ffi::ThreadPool& pool, int64_t workers, int64_t tasks,
                  const std::function<void(int64_t, int64_t)>& task) {
    struct State {
        std::atomic<int64_t> next{0}, done{0}, worker{0};
        std::mutex mutex;
        std::condition_variable finished;
        std::exception_ptr error;
    };
    auto state = std::make_shared<State>();
    const auto* body = &task;
    auto work = [state, tasks, body] {
        int64_t worker = -1;
        for (int64_t index; (index = state->next.fetch_add(1)) < tasks;) {
            if (worker < 0) worker = state->worker.fetch_add(1);
            try {
                (*body)(index, worker);
            } catch (...) {
                std::lock_guard<std::mutex> lock(state->mutex);
                if (!state->error) state->error = std::current_exception();
            }
            if (state->done.fetch_add(1) + 1 == tasks) {
                std::lock_guard<std::mutex> lock(state->mutex);
                state->finished.notify_all();
            }
        }
    };
    const int64_t helpers = (workers < tasks ? workers : tasks) - 1;
    for (int64_t i = 0; i < helpers; ++i) pool.Schedule(std::function<void()>(work));
    work();
    for (int spin = 0; spin < 2000 && state->done.load() < tasks; ++spin) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    std::unique_lock<std::mutex> lock(state->mutex);
    state->finished.wait(lock, [&] { return state->done.load() >= tasks; });
    if (state->error) std::rethrow_exception(state->error);
}

}  // namespace bital
