/*
 * currency: what is the same all over an installation, asked for once.
 */
import { get, me } from '/lib/api.js';

let known = null,
	whose = null;

/* The currency that all amounts are in. */
export function currency() {
	if (whose !== me()?.user_id) {
		whose = me()?.user_id;
		known = get('/user/balance').then(
			(b) => b.currency,
			(e) => {
				whose = null;
				throw e;
			},
		);
	}
	return known;
}
