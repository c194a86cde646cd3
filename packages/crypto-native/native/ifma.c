// The path for x86-64 processors with AVX-512 and its 52-bit multiply-add.
#include "field51x8.h"
#include "lanes.h"

DEFINE_PATH(path_ifma, "ifma");
