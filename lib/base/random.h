/* random: random bytes and numbers from the kernel, by getrandom(2). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills n bytes. If the kernel has no entropy source, the process ends. */
void		random_bytes(void *, size_t n);
/* Returns a uniformly distributed number in [0, bound). */
uint32_t	random_below(uint32_t bound);

#endif
