/*
 * currency: the currency of the installation, fetched once for each sign-in.
 */
import { get, me } from '/lib/api.js';

let known = null,
	owner = null;

/* Returns the ISO 4217 code of the currency that all amounts are in. */
export function currency() {
	if (owner !== me()?.user_id) {
		owner = me()?.user_id;
		known = get('/user/balance').then(
			(b) => b.currency,
			(e) => {
				owner = null;
				throw e;
			},
		);
	}
	return known;
}
