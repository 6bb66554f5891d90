/*
 * image_buttons: the buttons that upload and remove an image.
 */
import { api } from '/lib/api.js';
import { busy, h, toast } from '/lib/dom.js';

/*
 * Returns the buttons. path is that of PUT and DELETE, noun the name of the
 * image in texts. is: there is an image to remove. done(answer) is called after
 * an upload, with the response, and after a removal, with null; it may be
 * async.
 */
export function imageButtons(path, noun, is, done) {
	const file = h('input', {
		type: 'file',
		accept: 'image/jpeg,image/png,image/webp',
		hidden: true,
		'aria-label': `File of the ${noun}`,
	});
	const set = h('button', { type: 'button', 'data-do': noun }, `Choose ${noun}`);
	const drop = h('button', { class: 'btn-link', type: 'button' }, `Remove ${noun}`);
	const send = busy(set, async () => {
		const answer = await api('PUT', path, file.files[0]);
		toast(`Your ${noun} was changed.`);
		await done(answer);
	});

	set.addEventListener('click', () => file.click());
	file.addEventListener('change', () => {
		if (file.files.length > 0) send().finally(() => (file.value = ''));
	});
	drop.addEventListener(
		'click',
		busy(drop, async () => {
			await api('DELETE', path);
			toast(`Your ${noun} was removed.`);
			await done(null);
		}),
	);
	return h('div', { class: 'row' }, set, is && drop, file);
}
