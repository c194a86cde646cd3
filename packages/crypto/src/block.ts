/** Words of 32 bits in a block of 128. */
export const BLOCK_WORDS = 4;
