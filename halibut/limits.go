package halibut

// Limits bounds what a peer can make us hold. Zero members are the defaults.
type Limits struct {
	MaxMessageBytes      int64  // BSON of one message, decompressed
	MaxRatio             int64  // decompressed to compressed, for messages above FreeRatioBytes
	FreeRatioBytes       int64  // up to here any ratio is accepted: deflate makes 1:1000 of honest text
	MaxLineBytes         int    // preamble, identity and control lines
	MaxStreamsPerMessage int    // data streams beside one message
	MaxStreamBytes       int64  // of one data stream
	MemoryStreamBytes    int64  // streams up to this size stay in memory, others go to TempDir
	MemoryMessageBytes   int64  // the same for all streams of one message together
	TempDir              string // "" = the system's
	MaxConnections       int    // of one Listener
	MaxPending           int    // connections of one Listener that have not said who they are
}

// DefaultLimits returns what applies to members that are zero.
func DefaultLimits() Limits {
	return Limits{
		MaxMessageBytes:      256 << 20,
		MaxRatio:             250,
		FreeRatioBytes:       32 << 20,
		MaxLineBytes:         20_000,
		MaxStreamsPerMessage: 4096,
		MaxStreamBytes:       1 << 40,
		MemoryStreamBytes:    64 << 10,
		MemoryMessageBytes:   1 << 20,
		MaxConnections:       20_000,
		MaxPending:           2_000,
	}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	fill(&l.MaxMessageBytes, d.MaxMessageBytes)
	fill(&l.MaxRatio, d.MaxRatio)
	fill(&l.FreeRatioBytes, d.FreeRatioBytes)
	fill(&l.MaxLineBytes, d.MaxLineBytes)
	fill(&l.MaxStreamsPerMessage, d.MaxStreamsPerMessage)
	fill(&l.MaxStreamBytes, d.MaxStreamBytes)
	fill(&l.MemoryStreamBytes, d.MemoryStreamBytes)
	fill(&l.MemoryMessageBytes, d.MemoryMessageBytes)
	fill(&l.MaxConnections, d.MaxConnections)
	fill(&l.MaxPending, d.MaxPending)
	return l
}

func fill[N int | int64](n *N, value N) {
	if *n <= 0 {
		*n = value
	}
}
