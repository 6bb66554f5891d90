/* provider_keys: the configured providers and their key files. */
#include "temp_folder.h"

#include "base/arena.h"
#include "providers/provider.h"

static struct arena arena;
static struct conf conf;
static const char *why;

static bool
start(const char *providers)
{
	why = "";
	conf.providers = providers;
	conf.currency = "INR";
	return provider_start(&conf, &why);
}

/* Checks that provider_start() fails with a message that contains the word. */
static void
refused(const char *providers, const char *word)
{
	assert_false(start(providers));
	if (strstr(why, word) == NULL)
		fail_msg("'%s' does not say '%s'", why, word);
	assert_null(strstr(why, "sk_secret"));
	assert_false(provider_on(&conf, PROVIDER_STRIPE));
	assert_false(provider_on(&conf, PROVIDER_RAZORPAY));
	assert_false(provider_on(&conf, PROVIDER_SANDBOX));
}

static void
lists(void **state)
{
	(void)state;
	assert_true(start("sandbox"));
	assert_true(provider_on(&conf, PROVIDER_SANDBOX));
	assert_false(provider_on(&conf, PROVIDER_STRIPE));
	assert_int_equal(provider_default(&conf), PROVIDER_SANDBOX);
	assert_true(start(" stripe , sandbox"));
	assert_true(provider_on(&conf, PROVIDER_STRIPE));
	assert_true(provider_on(&conf, PROVIDER_SANDBOX));
	assert_false(provider_on(&conf, PROVIDER_RAZORPAY));
	assert_false(provider_on(&conf, 0));
	assert_false(provider_on(&conf, PROVIDER_MAX));
	assert_int_equal(provider_default(&conf), PROVIDER_STRIPE);
	assert_true(start("razorpay,stripe"));
	assert_true(provider_on(&conf, PROVIDER_RAZORPAY));
	assert_int_equal(provider_default(&conf), PROVIDER_RAZORPAY);
	assert_true(start(""));
	assert_false(provider_on(&conf, PROVIDER_SANDBOX));
	assert_int_equal(provider_default(&conf), 0);
	assert_true(start(" "));
	refused("paypal", "begin with");
	refused("sandbo", "begin with");
	refused(",sandbox", "begin with");
	refused("sandbox,paypal", "supported are");
	refused("sandbox,,stripe", "supported are");
	refused("stripe,sandbox,stripe", "twice");
	assert_true(start("sandbox,"));
}

static void
files(void **state)
{
	const char *good = conf.stripe_key_file;
	char big[2048];

	(void)state;
	conf.stripe_key_file = "";
	refused("stripe", "payments.stripe_key_file must be set to a file");
	assert_true(start("sandbox,razorpay"));
	conf.stripe_key_file = "/nonexistent/key";
	refused("stripe", "payments.stripe_key_file: /nonexistent/key: No such");
	conf.stripe_key_file = temp_folder_put("k", "sk_secret\n", 10, 0604);
	refused("sandbox,stripe", "is accessible by other users");
	conf.stripe_key_file = temp_folder_put("k", "sk_secret\n", 10, 0640);
	assert_true(start("stripe"));
	conf.stripe_key_file = temp_folder_put("k", "\r\n \n\t\n", 6, 0600);
	refused("stripe", "is empty");
	conf.stripe_key_file = temp_folder_put("k", "", 0, 0600);
	refused("stripe", "is empty");
	conf.stripe_key_file = temp_folder_put("k", "sk_secret\nsk_secret2\n", 21, 0600);
	refused("stripe", "more than 1 line");
	conf.stripe_key_file = temp_folder_put("k", "sk_secret x\n", 12, 0600);
	refused("stripe", "has an invalid line");
	conf.stripe_key_file = temp_folder_put("k", "sk_secret\0x\n", 12, 0600);
	refused("stripe", "is binary or too large");
	memset(big, 'x', sizeof(big));
	conf.stripe_key_file = temp_folder_put("k", big, sizeof(big), 0600);
	refused("stripe", "is binary or too large");
	conf.stripe_key_file = temp_folder_put("k", big, 256, 0600);
	refused("stripe", "has an invalid line");
	conf.stripe_key_file = temp_folder_put("k", big, 255, 0600);
	assert_true(start("stripe"));
	conf.stripe_key_file = good;
	conf.razorpay_hook_file = temp_folder_put("h", "a\nb\nc\nd\n\n", 9, 0600);
	assert_true(start("razorpay"));
	conf.razorpay_hook_file = temp_folder_put("h", "a\nb\nc\nd\ne", 9, 0600);
	refused("razorpay", "payments.razorpay_webhook_file");
	conf.razorpay_hook_file = good;
	conf.razorpay_key_id = "";
	refused("razorpay", "payments.razorpay_key_id must be set");
	conf.razorpay_key_id = "rzp";
}

static void
addresses(void **state)
{
	static const char *const good[] = {
		"https://api.stripe.com", "http://127.0.0.1:18444",
		"http://localhost", "http://[::1]:1", "https://a.example/stripe",
	};
	static const char *const bad[] = {
		"", "api.stripe.com", "http://api.stripe.com", "ftp://x",
		"https://api.stripe.com/", "http://127.0.0.1.example.com",
		"http://localhost.example.com", "http://127.0.0.1@example.com",
		"https://x?y", "https://x#y", "https://x y",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(good); i++) {
		conf.stripe_url = good[i];
		if (!start("stripe"))
			fail_msg("%s: %s", good[i], why);
	}
	for (i = 0; i < NELEM(bad); i++) {
		conf.stripe_url = bad[i];
		refused("stripe", "payments.stripe_url must");
	}
	conf.stripe_url = good[0];
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	if (temp_folder_create() != 0)
		return -1;
	conf.stripe_key_file = conf.stripe_hook_file = conf.razorpay_key_file =
	    conf.razorpay_hook_file = temp_folder_put("good", "sk_secret\n", 10, 0600);
	conf.razorpay_key_id = "rzp";
	conf.stripe_url = conf.razorpay_url = "https://api.example.com";
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return temp_folder_remove();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(files),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
