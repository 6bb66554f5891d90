/*
 * ringtone: synthesizes the ringing tones. Browsers keep them silent until the
 * user has interacted with the page.
 */
/* every: ms between two repeats; notes: [seconds, Hz]; loud: gain. */
const tunes = {
	in: {
		every: 2400,
		notes: [
			[0, 660],
			[0.18, 880],
			[0.36, 660],
			[0.54, 880],
		],
		loud: 0.12,
	},
	out: {
		every: 3600,
		notes: [
			[0, 425],
			[0.2, 425],
			[0.4, 425],
			[0.6, 425],
		],
		loud: 0.05,
	},
};
let context = null,
	playing = null,
	timer;

function once(tune) {
	for (const [at, pitch] of tune.notes) {
		const tone = context.createOscillator();
		const gain = context.createGain();
		const t = context.currentTime + at;

		tone.frequency.value = pitch;
		gain.gain.setValueAtTime(0, t);
		gain.gain.linearRampToValueAtTime(tune.loud, t + 0.02);
		gain.gain.linearRampToValueAtTime(0, t + 0.2);
		tone.connect(gain).connect(context.destination);
		tone.start(t);
		tone.stop(t + 0.22);
	}
	navigator.vibrate?.(tune === tunes.in ? [300, 150, 300] : 0);
}

export function play(name) {
	if (name === playing) return;
	playing = name;
	clearInterval(timer);
	if (name === null) {
		context?.close();
		context = null;
		return;
	}
	context ??= new AudioContext();
	context.resume().catch(() => {});
	once(tunes[name]);
	timer = setInterval(once, tunes[name].every, tunes[name]);
}
