// What a program needs from the machine it runs on (ELF, 64 bits, little-endian).

const MACHINES = { 62: 'x86_64', 183: 'arm64' };
const INTERPRETER = 3;
const DYNAMIC = 2;
const NEEDED = 1n;

// `{ arch, interpreter, libraries }`: the last two say that it is not static.
export function elf(program) {
  if (program.readUInt32BE(0) !== 0x7f454c46) throw new Error('not an ELF program');
  const headers = Array.from({ length: program.readUInt16LE(56) }, (_, number) => {
    const at = Number(program.readBigUInt64LE(32)) + number * program.readUInt16LE(54);
    const [offset, size] = [at + 8, at + 32].map((place) => Number(program.readBigUInt64LE(place)));
    return { type: program.readUInt32LE(at), content: program.subarray(offset, offset + size) };
  });
  const dynamic = headers.find(({ type }) => type === DYNAMIC)?.content ?? Buffer.alloc(0);
  const tags = Array.from({ length: dynamic.length / 16 }, (_, number) => dynamic.readBigUInt64LE(number * 16));
  return {
    arch: MACHINES[program.readUInt16LE(18)],
    interpreter: headers.some(({ type }) => type === INTERPRETER),
    libraries: tags.filter((tag) => tag === NEEDED).length,
  };
}
