/* ipaddr: parses IP addresses and networks. */
#ifndef BASE_IPADDR_H
#define BASE_IPADDR_H

#include <stdbool.h>

#define IPADDR_NET 48

/*
 * Returns whether the address is in a list of addresses and networks
 * ("10.0.0.0/8, ::1").
 */
bool	ipaddr_in(const char *list, const char *address);
/*
 * Writes the address if it is IPv4, or its /64 network if it is IPv6, because
 * one customer usually has a whole /64. Returns false if the text is not an
 * address.
 */
bool	ipaddr_net(const char *address, char out[IPADDR_NET]);

/*
 * Writes the network of an address: its first `four` bits (0 to 32) if it is
 * IPv4, its first `six` bits (0 to 128) if it is IPv6. Returns false if the
 * text is NULL or not an address.
 */
bool	ipaddr_network(const char *address, unsigned four, unsigned six,
	    char out[IPADDR_NET]);

#endif
