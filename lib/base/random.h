/*
 * random: random bytes and numbers of the kernel, by getrandom(2).
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* n random bytes; never fails (no entropy source ends the process). */
void		random_bytes(void *, size_t n);
/* A uniform number in [0, bound). */
uint32_t	random_below(uint32_t bound);

#endif
