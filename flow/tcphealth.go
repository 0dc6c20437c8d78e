package flow

import "fmt"

// HealthSentences returns what was counted of lost, reordered and refused data, a
// sentence without a full stop for each; none if nothing was, or if nothing was
// counted (see HasHealth). "12 % of what the source sent was sent again".
func (r *Record) HealthSentences() (all []string) {
	if !r.HasHealth() {
		return nil
	}
	for _, side := range [...]struct {
		name string
		sent Counters
		*Side
	}{{"the source", r.Sent, &r.SrcSide}, {"the destination", r.Recv, &r.DstSide}} {
		if n := side.Retransmitted.Packets; n > 0 {
			all = append(all, retransmitted(side.name, n, side.sent.Packets))
		}
		if n := side.OutOfOrder; n > 0 {
			all = append(all, segments(n)+" from "+side.name+" arrived out of order")
		}
		if n := side.ZeroWindows; n > 0 {
			all = append(all, side.name+" announced a zero window "+times(n))
		}
	}
	return all
}

func retransmitted(side string, n, of uint64) string {
	share := percent(n, of)
	if share == "" {
		verb := "were"
		if n == 1 {
			verb = "was"
		}
		return segments(n) + " from " + side + " " + verb + " sent again"
	}
	return share + " of what " + side + " sent was sent again"
}

// percent returns the share that n is of a total. It is 0 % or 100 % for none and all
// only, and empty if n is more than the total, as in a flow seen in part.
func percent(n, total uint64) string {
	if n > total || total == 0 {
		return ""
	}
	switch share := 100 * float64(n) / float64(total); {
	case n > 0 && share < 1:
		return "less than 1 %"
	case n < total && share > 99:
		return "more than 99 %"
	default:
		return fmt.Sprintf("%.0f %%", share)
	}
}

func segments(n uint64) string {
	if n == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", n)
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
