// One level of the correlated trees of silent transfers (half-trees, eprint 2022/1431), many trees side by side.
#ifndef HALFROOM_HALF_TREES_H
#define HALFROOM_HALF_TREES_H

#include <stddef.h>
#include <stdint.h>

/**
 * `nodes`: width x trees blocks, and room for twice as many, which they become: node x of a tree has the children h(x) and h(x) ^ x at places 2n
 * and 2n + 1, h(x) = pi(s) ^ s with s = (a ^ b) || a for x = a || b and pi the AES of `schedule`. `sums`: of each tree the sum of its left children.
 */
void half_trees_grow(const uint8_t *schedule, uint8_t *nodes, size_t width, size_t trees, uint8_t *sums);

#endif
