/*
 * security: the second factor of the signed-in member of staff.
 */
import { h } from '/lib/dom.js';
import { secondFactor } from '/lib/mfa.js';
import { panel } from './format.js';

export default function security() {
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, 'My security'),
		h('div', { class: 'panels' }, panel('Two-step verification', null, secondFactor())),
	);
}
