package queue

// Offsets in a queue file that tests damage.
const (
	HeaderBytes   = headerBytes
	HeaderCopy    = headerCopy
	SlotA         = slotA
	SlotB         = slotB
	CounterSeq    = counterSeq
	EntryBytes    = entryBytes
	CounterEvict  = counterEvict
	SmallestBytes = MinBytes
)

// RecoverLines runs recovery on the content of a file.
func RecoverLines(file []byte) (lines [][]byte, lost uint64, err error) {
	r, err := recoverRecords(file)
	if err != nil {
		return nil, 0, err
	}
	for _, rec := range r.records {
		lines = append(lines, rec.line)
	}
	return lines, r.lost, r.damage
}
