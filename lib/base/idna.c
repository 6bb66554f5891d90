#include "base/idna.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>

bool
idna_ascii(const char *domain, char out[IDNA_MAX])
{
	char *ascii = NULL;
	bool ok;

	if (idn2_to_ascii_8z(domain, &ascii, IDN2_NFC_INPUT |
	    IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	ok = strlen(ascii) < IDNA_MAX;
	if (ok)
		snprintf(out, IDNA_MAX, "%s", ascii);
	idn2_free(ascii);
	return ok;
}
