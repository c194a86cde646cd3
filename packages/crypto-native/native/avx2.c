// The path for x86-64 processors with AVX2.
#include "field25x4.h"
#include "lanes.h"

DEFINE_PATH(path_avx2, "avx2");
