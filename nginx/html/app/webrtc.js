/*
 * webrtc: the WebRTC connection of a call. The caller sends the offers. Each
 * offer starts a new round with a new RTCPeerConnection on both sides. A new
 * round follows a reload or a lost network. ICE candidates are queued until the
 * remote description of their round is set.
 */

/* With ?relay in the URL, only TURN servers are used, to test them. */
const POLICY = new URLSearchParams(location.search).has('relay') ? 'relay' : 'all';

export class Peer {
	/*
	 * servers: ICE servers; mine: the MediaStream to send. send(type, data)
	 * passes a signal to the other side. onstate(connectionState) and
	 * onsound(MediaStream) are called when these change.
	 */
	constructor({ servers, mine, send, onstate, onsound }) {
		Object.assign(this, {
			servers,
			mine,
			send,
			onstate,
			onsound,
			round: '',
			pc: null,
			waiting: [],
			early: [],
		});
	}

	#begin(round) {
		this.#end();
		this.round = round;
		/* Candidates of this round that arrived before its offer. */
		this.waiting = this.early.filter((c) => c.round === round);
		this.early = [];
		const pc = new RTCPeerConnection({
			iceServers: this.servers,
			iceTransportPolicy: POLICY,
		});
		pc.onicecandidate = (e) => {
			if (e.candidate !== null && e.candidate.candidate !== '')
				this.send('candidate', { round, candidate: e.candidate.toJSON() });
		};
		pc.ontrack = (e) => this.onsound(e.streams[0] ?? new MediaStream([e.track]));
		pc.onconnectionstatechange = () => {
			if (pc === this.pc) this.onstate(pc.connectionState);
		};
		for (const track of this.mine.getTracks()) pc.addTrack(track, this.mine);
		this.pc = pc;
		return pc;
	}

	async offer() {
		const pc = this.#begin(crypto.randomUUID());

		await pc.setLocalDescription();
		if (pc === this.pc)
			this.send('offer', { round: this.round, sdp: pc.localDescription.sdp });
	}

	/*
	 * Sets TURN credentials that expire later. They are used for new
	 * candidates.
	 */
	renew(servers) {
		this.servers = servers;
		this.pc?.setConfiguration({ iceServers: servers, iceTransportPolicy: POLICY });
	}

	/* Requests a new offer after the page of the callee was reloaded. */
	askAgain() {
		this.send('bye', { again: true });
	}

	async take(type, data) {
		if (type === 'offer') await this.#answer(data);
		else if (type === 'answer') await this.#answered(data);
		else if (type === 'candidate') await this.#candidate(data);
		else if (type === 'bye' && data?.again) await this.offer();
	}

	async #answer(data) {
		const pc = this.#begin(data.round);

		await pc.setRemoteDescription({ type: 'offer', sdp: data.sdp });
		await this.#addQueued(pc);
		await pc.setLocalDescription();
		if (pc === this.pc)
			this.send('answer', { round: data.round, sdp: pc.localDescription.sdp });
	}

	async #answered(data) {
		const pc = this.pc;

		if (
			pc === null ||
			data.round !== this.round ||
			pc.signalingState !== 'have-local-offer'
		)
			return;
		await pc.setRemoteDescription({ type: 'answer', sdp: data.sdp });
		await this.#addQueued(pc);
	}

	async #addQueued(pc) {
		for (const c of this.waiting.splice(0))
			await pc.addIceCandidate(c.candidate).catch(() => {});
	}

	async #candidate(data) {
		if (data.round !== this.round) this.early.push(data);
		else if (this.pc?.remoteDescription)
			await this.pc.addIceCandidate(data.candidate).catch(() => {});
		else this.waiting.push(data);
	}

	mute(on) {
		for (const track of this.mine.getAudioTracks()) track.enabled = !on;
	}

	#end() {
		if (this.pc === null) return;
		this.pc.onicecandidate = this.pc.ontrack = this.pc.onconnectionstatechange = null;
		this.pc.close();
		this.pc = null;
	}

	close() {
		this.#end();
		for (const track of this.mine.getTracks()) track.stop();
	}
}
