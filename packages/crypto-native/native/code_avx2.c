// The short code for x86-64 processors with AVX2.
#define FOLD_BLOCKS 2

#include "code_fold.h"

void code_fold_avx2(const uint8_t *from, uint8_t *out, const uint32_t *order, size_t words) { fold_words(from, out, order, words); }
