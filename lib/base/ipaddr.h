/*
 * ipaddr: addresses on the Internet, as texts.
 */
#ifndef BASE_IPADDR_H
#define BASE_IPADDR_H

#include <stdbool.h>

#define IPADDR_NET 48

/* Is it one of the list's addresses and networks ("10.0.0.0/8, ::1")? */
bool	ipaddr_in(const char *list, const char *address);
/*
 * Whom it stands for: itself, but of IPv6 the network of 64 bits, all of which
 * one customer has. False: it is no address.
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
