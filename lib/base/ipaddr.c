#include "base/ipaddr.h"

#include <arpa/inet.h>
#include <stdint.h>

#include "base/str.h"

/* Prefix of an IPv4 address in IPv6 notation: ::ffff:0:0/96. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* Parses an IPv4 or IPv6 address into the IPv6 form. */
static bool
read_address(const char *text, uint8_t out[16])
{
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, out + 12) == 1;
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, size_t bits)
{
	size_t whole = bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));

	return memcmp(a, b, whole) == 0 &&
	    (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

static bool
in_net(const char *net, const uint8_t address[16])
{
	char text[IPADDR_NET];
	const char *slash = strchr(net, '/');
	size_t n = slash == NULL ? strlen(net) : (size_t)(slash - net);
	bool four = memchr(net, ':', n) == NULL;
	int64_t bits = four ? 32 : 128;
	uint8_t first[16];

	if (n >= sizeof(text))
		return false;
	memcpy(text, net, n);
	text[n] = '\0';
	if (!read_address(text, first) ||
	    (slash != NULL && !str_int(slash + 1, &bits)) || bits < 0 ||
	    bits > (four ? 32 : 128))
		return false;
	return same_bits(first, address, (size_t)bits + (four ? 96 : 0));
}

bool
ipaddr_in(const char *list, const char *address)
{
	uint8_t bytes[16];
	char net[64];
	size_t n;

	if (list == NULL || address == NULL || !read_address(address, bytes))
		return false;
	for (; *list != '\0'; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == 0 || n >= sizeof(net))
			continue;
		memcpy(net, list, n);
		net[n] = '\0';
		if (in_net(net, bytes))
			return true;
	}
	return false;
}

/* Clears all but the first `bits` bits. */
static void
keep_bits(uint8_t bytes[16], unsigned bits)
{
	unsigned i = bits / 8;

	if (bits % 8 != 0)
		bytes[i++] &= (uint8_t)(0xff00 >> (bits % 8));
	for (; i < 16; i++)
		bytes[i] = 0;
}

bool
ipaddr_network(const char *address, unsigned four, unsigned six,
    char out[IPADDR_NET])
{
	uint8_t bytes[16];

	if (address == NULL || !read_address(address, bytes))
		return false;
	if (inet_ntop(AF_INET6, bytes, out, IPADDR_NET) == NULL)
		return false;
	keep_bits(bytes, memcmp(bytes, mapped, sizeof(mapped)) == 0 ?
	    96 + four : six);
	return inet_ntop(AF_INET6, bytes, out, IPADDR_NET) != NULL;
}

bool
ipaddr_net(const char *address, char out[IPADDR_NET])
{
	return ipaddr_network(address, 32, 64, out);
}
