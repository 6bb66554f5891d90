/*
 * heart_button: the button that adds a thing to the favorites or removes it.
 */
import { busy, h, icon } from '/lib/dom.js';

/*
 * Returns the button. name is shown in its label, is() returns whether the thing
 * is a favorite, and change(want) sends the change.
 */
export function heartButton(name, is, change) {
	const b = h('button', { class: 'heart', type: 'button' }, icon('heart'));
	const show = () => {
		b.setAttribute('aria-pressed', String(is()));
		b.setAttribute(
			'aria-label',
			is()
				? `Remove ${name} from your favorites`
				: `Add ${name} to your favorites`,
		);
	};

	b.addEventListener(
		'click',
		busy(b, async () => {
			await change(!is());
			show();
		}),
	);
	show();
	return b;
}
