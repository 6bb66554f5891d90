#include "base/decimal.h"

const char decimal_pairs[200] = {
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899"
};

char *
decimal_write(char *to, int64_t v)
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v, t;
	char *p, *end;

	if (v < 0)
		*to++ = '-';
	for (end = to + 1, t = u; t >= 10; t /= 10)
		end++;
	for (p = end; u >= 100; u /= 100)
		decimal_pair(p -= 2, (unsigned)(u % 100));
	if (u >= 10)
		decimal_pair(p - 2, (unsigned)u);
	else
		p[-1] = (char)('0' + u);
	return end;
}
