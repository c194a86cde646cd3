// What the paths need of the processor, asked while the program runs. A path that was not compiled runs nowhere.
#ifndef HALFROOM_PROCESSOR_H
#define HALFROOM_PROCESSOR_H

#if defined(HALFROOM_AES) && defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#ifdef HALFROOM_AVX

static inline int avx2_runs_here(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}

static inline int ifma_runs_here(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512ifma");
}

#else

static inline int avx2_runs_here(void) { return 0; }

#endif

/** AES, and products without carries. */
static inline int aes_runs_here(void)
{
#ifndef HALFROOM_AES
    return 0;
#elif !defined(__aarch64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
#elif defined(__linux__)
    const unsigned long has = getauxval(AT_HWCAP);
    return (has & HWCAP_AES) != 0 && (has & HWCAP_PMULL) != 0;
#elif defined(__APPLE__)
    // All of Apple's have them.
    return 1;
#else
    return 0;
#endif
}

/** AES on four blocks at once. */
static inline int wide_runs_here(void)
{
#ifdef HALFROOM_AVX
    return aes_runs_here() && __builtin_cpu_supports("vaes") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq");
#else
    return 0;
#endif
}

#endif
