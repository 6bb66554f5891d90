/* ipaddr: parsing IP addresses and networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ipaddr.h"
#include "base/str.h"

static void
networks_hold_what_is_in_them(void **state)
{
	static const char list[] = "127.0.0.0/8, ::1,10.1.2.0/23 2001:db8::/33";
	static const char *const in[] = { "127.0.0.1", "127.255.0.9", "::1",
	    "10.1.3.255", "2001:db8:7fff::1", "::ffff:127.0.0.1" };
	static const char *const out[] = { "128.0.0.1", "::2", "10.1.4.0",
	    "2001:db8:8000::1", "10.1.1.255", "", "x", "127.0.0.1 " };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(in); i++)
		assert_true(ipaddr_in(list, in[i]));
	for (i = 0; i < NELEM(out); i++)
		assert_false(ipaddr_in(list, out[i]));
	assert_false(ipaddr_in(NULL, "::1"));
	assert_false(ipaddr_in("", "::1"));
	assert_false(ipaddr_in(list, NULL));
}

static void
what_is_no_network_holds_nothing(void **state)
{
	static const char *const lists[] = { "1.2.3.4/33", "1.2.3.4/-1",
	    "1.2.3.4/x", "1.2.3.4/", "1.2.3/8", "::/129", "/0", ",", "  ",
	    "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25"
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(lists); i++)
		assert_false(ipaddr_in(lists[i], "1.2.3.4"));
	assert_true(ipaddr_in("0.0.0.0/0", "1.2.3.4"));
	assert_false(ipaddr_in("0.0.0.0/0", "::1"));
	assert_true(ipaddr_in("::/0", "1.2.3.4"));
}

static void
a_customer_is_an_address_or_a_network(void **state)
{
	char a[IPADDR_NET], b[IPADDR_NET];

	(void)state;
	assert_true(ipaddr_net("2001:db8:1:2:3:4:5:6", a));
	assert_true(ipaddr_net("2001:db8:1:2::1", b));
	assert_string_equal(a, b);
	assert_true(ipaddr_net("2001:db8:1:3::1", b));
	assert_string_not_equal(a, b);
	assert_true(ipaddr_net("192.0.2.1", a));
	assert_true(ipaddr_net("192.0.2.2", b));
	assert_string_not_equal(a, b);
	assert_true(ipaddr_net("::ffff:192.0.2.1", b));
	assert_string_equal(a, b);
	/* ::ffff:0:0:0/96 is not ::ffff:0:0/96. */
	assert_true(ipaddr_net("::ffff:0:192.0.2.1", a));
	assert_true(ipaddr_net("::ffff:0:192.0.2.2", b));
	assert_string_equal(a, b);
	assert_false(ipaddr_net("unix:", a));
	assert_false(ipaddr_net(NULL, a));
}

static void
networks_of_addresses(void **state)
{
	static const struct {
		const char *address;
		unsigned four, six;
		const char *network;
	} v[] = {
		{ "192.0.2.77", 24, 64, "::ffff:192.0.2.0" },
		{ "::ffff:192.0.2.77", 24, 64, "::ffff:192.0.2.0" },
		{ "192.0.2.77", 32, 64, "::ffff:192.0.2.77" },
		{ "192.0.2.255", 25, 64, "::ffff:192.0.2.128" },
		{ "192.0.2.77", 0, 64, "::ffff:0.0.0.0" },
		{ "2001:db8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::" },
		{ "2001:db8:1:2:3:4:5:6", 24, 48, "2001:db8:1::" },
		{ "2001:db8:1:ffff::1", 24, 52, "2001:db8:1:f000::" },
		{ "2001:db8::1", 24, 128, "2001:db8::1" },
		{ "2001:db8::1", 24, 0, "::" },
	};
	char net[IPADDR_NET];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(v); i++) {
		assert_true(ipaddr_network(v[i].address, v[i].four,
		    v[i].six, net));
		assert_string_equal(net, v[i].network);
	}
	assert_false(ipaddr_network(NULL, 24, 64, net));
	assert_false(ipaddr_network("", 24, 64, net));
	assert_false(ipaddr_network("192.0.2", 24, 64, net));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_what_is_in_them),
		cmocka_unit_test(what_is_no_network_holds_nothing),
		cmocka_unit_test(a_customer_is_an_address_or_a_network),
		cmocka_unit_test(networks_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
