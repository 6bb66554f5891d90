/* int64: arithmetic on signed 64-bit integers. */
#ifndef BASE_INT64_H
#define BASE_INT64_H

#include <stdint.h>

/* Returns the smaller of two numbers. */
static inline int64_t
int64_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Returns the larger of two numbers. */
static inline int64_t
int64_max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
