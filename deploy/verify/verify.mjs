#!/usr/bin/env node
// A second verifier of Countersign's records and receipts, independent of the portal's own: Node's standard library only.
// Usage: node verify.mjs [--key KEY]... [--witness FILE]... FILE...    (formats and exit codes: docs/record.md)
import { createHash, createPublicKey, verify } from 'node:crypto';
import { openSync, readSync, closeSync, readFileSync } from 'node:fs';

const NAME = '[!-*,-~]{1,200}';
const ENTRY = /^entry ([1-9][0-9]{0,14}) (0|[1-9][0-9]{0,15}) ([0-9a-f]{64}) ([0-9a-f]{64}) /;
const HASH = /^[A-Za-z0-9+/]{43}=$/;
const NOTE = new RegExp(`^(${NAME})\\n(0|[1-9][0-9]{0,14})\\n([A-Za-z0-9+/]{43}=)\\n\\n((?:\u2014 ${NAME} [A-Za-z0-9+/]{91}=\\n){1,8})$`);
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const LONGEST = 2 << 20;

class Flaw extends Error {
  constructor(entry, words) { super(words); this.entry = entry; }
}

const sha = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafHash = (data) => sha(Buffer.of(0), data);
const nodeHash = (left, right) => sha(Buffer.of(1), left, right);

// The RFC 6962 root of leaves that come one by one.
class Tree {
  constructor() { this.size = 0; this.stack = []; }
  add(leaf) {
    let hash = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2)) hash = nodeHash(this.stack.pop(), hash);
    this.stack.push(hash);
    this.size++;
  }
  root() {
    if (this.size === 0) return sha();
    return this.stack.slice(0, -1).reduceRight((hash, left) => nodeHash(left, hash), this.stack.at(-1));
  }
}

function parseKey(text) {
  const parts = text.split('+');
  const typed = Buffer.from(parts.slice(2).join('+'), 'base64');
  if (parts.length < 3 || typed.length !== 33 || typed[0] !== 1 || !new RegExp(`^${NAME}$`).test(parts[0])) throw new Error('not a verifier key');
  const hash = sha(Buffer.from(`${parts[0]}\n`), typed).subarray(0, 4);
  if (`${parts[0]}+${hash.toString('hex')}+${typed.toString('base64')}` !== text) throw new Error('not a verifier key');
  return { name: parts[0], hash, key: createPublicKey({ key: Buffer.concat([SPKI, typed.subarray(1)]), format: 'der', type: 'spki' }) };
}

// A C2SP signed note that holds a checkpoint, signed by one of the keys.
function openNote(note, keys) {
  const parts = note.length > 4000 ? null : NOTE.exec(note);
  if (!parts) throw new Error('the checkpoint is not a signed note of the expected form');
  const message = Buffer.from(`${parts[1]}\n${parts[2]}\n${parts[3]}\n`);
  for (const line of parts[4].split('\n').slice(0, -1)) {
    const [, name, base64] = line.split(' ');
    const hashed = Buffer.from(base64, 'base64');
    for (const key of keys) {
      if (name === parts[1] && key.name === parts[1] && key.hash.equals(hashed.subarray(0, 4)) && verify(null, message, key.key, hashed.subarray(4))) {
        return { origin: parts[1], size: Number(parts[2]), root: Buffer.from(parts[3], 'base64') };
      }
    }
  }
  throw new Error('the checkpoint is signed by no known key');
}

// RFC 9162, section 2.1.3.2.
function included(leaf, index, size, path, root) {
  if (index < 0 || index >= size) return false;
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let r = leaf;
  for (const p of path) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r);
      while ((fn & 1n) === 0n && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else {
      r = nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && r.equals(root);
}

// Lines as bytes (latin1), one at a time; null after the last.
function* linesOf(file) {
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(1 << 16);
    let rest = '';
    for (let count; (count = readSync(fd, buffer, 0, buffer.length, null)) > 0;) {
      const parts = (rest + buffer.toString('latin1', 0, count)).split('\n');
      rest = parts.pop();
      for (const part of parts) {
        if (part.length > LONGEST) throw new Flaw(0, 'a line is longer than 2 MiB');
        yield part;
      }
      if (rest.length > LONGEST) throw new Flaw(0, 'a line is longer than 2 MiB');
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}

function check(file, trusted, witnesses) {
  const source = linesOf(file);
  let ended = false;
  const next = () => {
    const { value, done } = source.next();
    ended = done;
    return done ? '' : value;
  };
  const head = next();
  if (head !== 'countersign record v1' && head !== 'countersign receipt v1') throw new Flaw(0, 'the file is neither a record nor a receipt');
  let line = next();
  if (!new RegExp(`^origin ${NAME}$`).test(line)) throw new Flaw(0, 'the second line names no origin');
  const origin = line.slice(7);
  const named = [];
  for (line = next(); line.startsWith('key ') && named.length < 1000; line = next()) {
    try { named.push(parseKey(line.slice(4))); } catch { throw new Flaw(0, 'a key is not readable'); }
  }
  const keys = (trusted.length === 0 ? named : trusted).filter((key) => key.name === origin);
  const open = (note, entry, prefix) => {
    let checkpoint;
    try { checkpoint = openNote(note, keys); } catch (e) { throw new Flaw(entry, prefix + e.message); }
    if (checkpoint.origin !== origin) throw new Flaw(entry, `${prefix}the checkpoint is of another record`);
    return checkpoint;
  };
  const seen = witnesses.filter((note) => note.startsWith(`${origin}\n`)).map((note) => open(note, 0, 'a witness: '));
  const readEntry = (text, expected) => {
    const parts = ENTRY.exec(text);
    if (!parts) throw new Flaw(expected, 'the line is not readable');
    const numbers = Buffer.alloc(16);
    numbers.writeBigUInt64BE(BigInt(parts[1]), 0);
    numbers.writeBigUInt64BE(BigInt(parts[2]), 8);
    const previous = Buffer.from(parts[3], 'hex');
    const content = Buffer.from(text.slice(parts[0].length), 'latin1');
    return { seq: Number(parts[1]), previous, digest: Buffer.from(parts[4], 'hex'), computed: sha(previous, numbers, content) };
  };
  const readNote = () => {
    let note = '';
    for (let i = 0; i < 4; i++) note += `${next()}\n`;
    let text = next();
    for (let i = 0; i < 9 && text !== ''; i++) { note += `${text}\n`; text = next(); }
    return Buffer.from(note, 'latin1').toString('utf8');
  };

  if (head === 'countersign receipt v1') {
    const entry = readEntry(line, 0);
    if (!entry.computed.equals(entry.digest)) throw new Flaw(entry.seq, 'number, time or content are not what its digest covers');
    const path = [];
    for (line = next(); HASH.test(line) && path.length < 64; line = next()) path.push(Buffer.from(line, 'base64'));
    if (line !== 'checkpoint') throw new Flaw(entry.seq, 'the proof is not readable');
    const checkpoint = open(readNote(), entry.seq, '');
    if (next() !== '' || !ended) throw new Flaw(entry.seq, 'something follows the checkpoint');
    if (!included(leafHash(entry.digest), entry.seq - 1, checkpoint.size, path, checkpoint.root)) {
      throw new Flaw(entry.seq, 'the entry is not in the tree of the checkpoint');
    }
    for (const witness of seen) {
      if (witness.size === checkpoint.size && !witness.root.equals(checkpoint.root)) throw new Flaw(entry.seq, 'a witness over as many entries has another root');
    }
    return { origin, size: checkpoint.size, entries: 1 };
  }

  const tree = new Tree();
  let previous = Buffer.alloc(32);
  let sealed = 0;
  let signed = false;
  const compare = (checkpoint, who) => {
    if (!checkpoint.root.equals(tree.root())) {
      throw new Flaw(Math.min(sealed + 1, tree.size), `${who} over ${tree.size} entries has another root: an entry from ${sealed + 1} to ${tree.size}`
        + ' is not the one that was sealed');
    }
  };
  for (; !ended; line = next()) {
    if (line === 'checkpoint') {
      const checkpoint = open(readNote(), sealed + 1, '');
      if (checkpoint.size !== tree.size) {
        throw new Flaw(Math.min(checkpoint.size, tree.size) + 1, `a checkpoint over ${checkpoint.size} entries stands after entry ${tree.size}`);
      }
      compare(checkpoint, 'the checkpoint');
      sealed = tree.size;
      signed = true;
      continue;
    }
    const wanted = tree.size + 1;
    const entry = readEntry(line, wanted);
    if (entry.seq !== wanted) throw new Flaw(wanted, `entry ${wanted} is missing; ${entry.seq} stands in its place`);
    if (!entry.previous.equals(previous)) throw new Flaw(entry.seq, 'it does not carry the digest of the entry before');
    if (!entry.computed.equals(entry.digest)) throw new Flaw(entry.seq, 'number, time or content are not what its digest covers');
    previous = entry.digest;
    tree.add(leafHash(previous));
    for (const witness of seen) if (witness.size === tree.size) compare(witness, 'a witness');
  }
  if (!signed || sealed !== tree.size) throw new Flaw(sealed + 1, 'no checkpoint covers the entries from here');
  for (const witness of seen) {
    if (witness.size > tree.size) throw new Flaw(tree.size + 1, `the record ends here, but a witness has seen ${witness.size} entries`);
  }
  return { origin, size: tree.size, entries: tree.size };
}

function main(words) {
  const keys = [];
  const witnesses = [];
  const files = [];
  try {
    for (let i = 0; i < words.length; i++) {
      if (words[i] === '--key') keys.push(parseKey(words[++i] ?? ''));
      else if (words[i] === '--witness') witnesses.push(readFileSync(words[++i] ?? '', 'utf8'));
      else files.push(words[i]);
    }
  } catch (e) {
    console.error(`verify: a key or witness cannot be read: ${e.message}`);
    return 2;
  }
  if (files.length === 0 || files.some((file) => file.startsWith('--'))) {
    console.error('Usage: node verify.mjs [--key KEY]... [--witness FILE]... FILE...');
    return 2;
  }
  if (keys.length === 0) console.error('verify: no --key was given, so the keys are believed that the files name; compare them with the keys that you know.');
  let code = 0;
  for (const file of files) {
    try {
      const good = check(file, keys, witnesses);
      console.log(`good ${file}: ${good.entries} ${good.entries === 1 ? 'entry' : 'entries'} of ${good.origin}, sealed at ${good.size}`);
    } catch (e) {
      if (e instanceof Flaw) {
        console.log(`BAD ${file}: entry ${e.entry}: ${e.message}`);
        code = Math.max(code, 1);
      } else {
        console.error(`verify: ${file} cannot be read`);
        code = 2;
      }
    }
  }
  return code;
}

process.exitCode = main(process.argv.slice(2));
