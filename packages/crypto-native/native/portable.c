// The path for every 64-bit processor.
#include "field51.h"
#include "lanes.h"

DEFINE_PATH(path_portable, "portable");
