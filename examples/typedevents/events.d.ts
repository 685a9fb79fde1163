// Written by sioevent.WriteTypeScript; do not edit.

export interface Message {
  room: string;
  text: string;
  picture?: ArrayBuffer;
  id: number;
  from: string;
  at: string;
}

export interface Draft {
  room: string;
  text: string;
  picture?: ArrayBuffer;
}

export interface Receipt {
  id: number;
}

export interface ServerToClientEvents {
  said: (data: Message) => void;
  cleared: () => void;
}

export interface ClientToServerEvents {
  say: (data: Draft, ack: (result: Receipt | { error: string; data?: unknown }) => void) => void;
  enter: (data: string, ack: (result: string[] | null | { error: string; data?: unknown }) => void) => void;
  clear: (ack: (result: {} | { error: string; data?: unknown }) => void) => void;
}
