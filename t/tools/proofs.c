/*
 * proofs: writes an entry of the shared memory of proofs, as if a login session
 * was seen at another time. DEVICE may be FIRST-LAST: a range of login sessions.
 *
 *	proofs RUN_DIR DEVICE SEEN_MS TRACKED [CREDENTIAL_UNTIL_MS]
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/proof_map.h"
#include "base/str.h"

int
main(int argc, char **argv)
{
	int64_t device, last, seen, tracked, until = 0;
	char *range = argc < 5 ? NULL : strchr(argv[2], '-');

	if (range != NULL)
		*range++ = '\0';
	if (argc < 5 || !str_int(argv[2], &device) ||
	    !str_int(range != NULL ? range : argv[2], &last) ||
	    !str_int(argv[3], &seen) || !str_int(argv[4], &tracked) ||
	    (argc > 5 && !str_int(argv[5], &until)))
		return 2;
	log_init("proofs", LOG_WARN);
	if (!proof_map_open(argv[1]))
		return 1;
	for (; device <= last; device++) {
		proof_map_add(device, seen);
		proof_map_seen(device, tracked != 0, seen);
		if (until != 0)
			proof_map_credential(device, until);
	}
	return 0;
}
