#include "crypto/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/str.h"

bool
cert_expires(const char *file, int64_t *ms)
{
	FILE *f = fopen(file, "re");
	bool ok = false;
	X509 *cert;
	struct tm tm;

	if (f == NULL)
		return false;
	cert = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	if (cert != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm)) {
		*ms = (int64_t)timegm(&tm) * SECOND;
		ok = true;
	}
	X509_free(cert);
	ERR_clear_error();
	return ok;
}
