#pragma once
#include <pthread.h>

/// Names for `top -H` and a debugger.
namespace runtime {

/// Names the calling thread; at most 15 characters, a longer name changes nothing.
inline void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace runtime
