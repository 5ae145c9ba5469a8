// The flags of a TCP segment that the generators set (RFC 9293 3.1).

export const Flag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16 } as const;
