// Prints whether AES runs here: on this processor, or with HWCAP on one of which Linux tells that.
#include "processor.h"

#include <stdio.h>

#ifdef HWCAP
unsigned long getauxval(unsigned long type) { return type == AT_HWCAP ? HWCAP : 0; }
#endif

int main(void)
{
    puts(aes_runs_here() ? "yes" : "no");
    return 0;
}
