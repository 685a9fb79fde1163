package feed

import (
	"bytes"
	"hash/maphash"
)

// wordSeed makes the table's order unknown to whoever writes posts.
var wordSeed = maphash.MakeSeed()

// wordSet is a set of words that is filled, asked and emptied again without
// allocating. The zero value is empty.
type wordSet struct {
	bytes []byte   // all words, one after the other
	ends  []uint32 // where each ends in bytes
	table []uint32 // number of a word, plus one, at the hash of it; a power of two long
}

func (w *wordSet) len() int { return len(w.ends) }

// at returns the word with the number i. It is valid until the next add or reset.
func (w *wordSet) at(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = w.ends[i-1]
	}
	return w.bytes[from:w.ends[i]]
}

func (w *wordSet) reset() {
	w.bytes, w.ends = w.bytes[:0], w.ends[:0]
	clear(w.table)
}

func (w *wordSet) add(word []byte) {
	if 2*len(w.ends) >= len(w.table) {
		w.grow()
	}
	slot, found := w.find(maphash.Bytes(wordSeed, word), func(other []byte) bool { return bytes.Equal(other, word) })
	if found {
		return
	}
	w.bytes = append(w.bytes, word...)
	w.ends = append(w.ends, uint32(len(w.bytes)))
	w.table[slot] = uint32(len(w.ends))
}

func (w *wordSet) has(word string) bool {
	if len(w.table) == 0 {
		return false
	}
	_, found := w.find(maphash.String(wordSeed, word), func(other []byte) bool { return string(other) == word })
	return found
}

// find returns where the word of that hash stands in the table, or would stand.
func (w *wordSet) find(hash uint64, is func([]byte) bool) (slot int, found bool) {
	mask := len(w.table) - 1
	for slot = int(hash) & mask; w.table[slot] != 0; slot = (slot + 1) & mask {
		if is(w.at(int(w.table[slot] - 1))) {
			return slot, true
		}
	}
	return slot, false
}

func (w *wordSet) grow() {
	w.table = make([]uint32, max(256, 2*len(w.table)))
	mask := len(w.table) - 1
	for i := range w.ends {
		slot := int(maphash.Bytes(wordSeed, w.at(i))) & mask
		for w.table[slot] != 0 {
			slot = (slot + 1) & mask
		}
		w.table[slot] = uint32(i + 1)
	}
}
