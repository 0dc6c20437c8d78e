package talkers

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

// sumColumn is a column of the sums.
type sumColumn struct {
	sum   search.SumColumn
	title string
	wide  int // in terminal columns, with the space before it
	rank  int // columns with a higher rank are left out first
}

// sumColumns are in screen order; the key comes before them.
var sumColumns = [...]sumColumn{
	{search.SumKey, "", 0, 0},
	{search.SumFlows, "FLOWS", 8, 1}, {search.SumPackets, "PACKETS", 9, 6}, {search.SumBytes, "BYTES", 7, 0}, {search.SumShare, "SHARE", 8, 2},
	{search.SumSent, "SENT", 7, 8}, {search.SumRecv, "RECV", 7, 9}, {search.SumRate, "RATE", 9, 7},
	{search.SumPeers, "PEERS", 8, 3}, {search.SumPorts, "PORTS", 8, 4},
}

// Limits of the layout in terminal columns.
const (
	leastKey = 18
	mostKey  = 82
	barRank  = 5 // of the bar among the columns
	leastBar = 8
	mostBar  = 40
)

// layout chooses the columns that fit beside keys of a width: the selected one and the one by which the
// sums are ordered, then by rank.
func (t *Screen) layout(need int) {
	t.keyWide = min(max(need, leastKey), mostKey, max(t.width/2, leastKey))
	room := t.width - 1 - t.keyWide
	byRank := slices.Clone(sumColumns[1:])
	rank := func(c sumColumn) int {
		if c.sum == t.Col || c.sum == t.Order {
			return -1
		}
		return c.rank
	}
	slices.SortStableFunc(byRank, func(a, b sumColumn) int { return rank(a) - rank(b) })
	t.columns = nil
	barTaken := false
	for _, c := range byRank {
		if rank(c) > barRank && !barTaken {
			room -= 2 + leastBar
			barTaken = true
		}
		if c.wide > room {
			break
		}
		room -= c.wide
		t.columns = append(t.columns, c)
	}
	slices.SortFunc(t.columns, func(a, b sumColumn) int {
		return slices.Index(sumColumns[:], a) - slices.Index(sumColumns[:], b)
	})
}

// barWide returns the width that the columns leave for bars.
func (t *Screen) barWide() int {
	wide := t.width - 1 - t.keyWide - 2
	for _, c := range t.columns {
		wide -= c.wide
	}
	return min(max(wide, 0), mostBar)
}

// columnAt returns the column at terminal column x.
func (t *Screen) columnAt(x int) (search.SumColumn, bool) {
	if x <= t.keyWide {
		return search.SumKey, true
	}
	right := 1 + t.keyWide
	for _, c := range t.columns {
		if right += c.wide; x < right {
			return c.sum, true
		}
	}
	return 0, false
}

// shownName returns the key of a sum as it is shown: with names of hosts and services, if wanted.
func (t *Screen) shownName(row *search.Talker) string {
	var b strings.Builder
	for i, by := range t.By {
		v := row.Values[i]
		switch {
		case i > 0 && t.By[i-1] == search.BySrc && by == search.ByDst:
			b.WriteString(" > ")
		case i > 0:
			b.WriteString(", ")
		}
		if service := by.Service(v); t.Settings.Services && service != "" {
			if by == search.ByPort {
				service = strings.TrimRight(string(by.AppendValue(nil, v)), "0123456789") + service
			}
			b.WriteString(service)
			continue
		}
		host, peer := t.host(v.Addr), t.host(v.Peer)
		switch {
		case by == search.ByPair && host+peer != "":
			b.WriteString(orText(host, v.Addr) + " > " + orText(peer, v.Peer))
		case host != "":
			b.WriteString(host)
		default:
			b.WriteString(termsafe.Text(string(by.AppendValue(nil, v))))
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

func (t *Screen) host(a netip.Addr) string {
	if t.Hosts == nil || !a.IsValid() {
		return ""
	}
	return t.Hosts.Host(a)
}

func orText(name string, a netip.Addr) string {
	if name != "" {
		return name
	}
	return a.String()
}

// head returns the title of the column of keys.
func (t *Screen) head() string {
	titles := make([]string, len(t.By))
	for i, by := range t.By {
		switch by {
		case search.BySrc:
			titles[i] = "SRC IP"
		case search.ByDst:
			titles[i] = "DST IP"
		case search.ByPair:
			titles[i] = "SRC IP > DST IP"
		case search.ByPort:
			titles[i] = "DST PORT"
		default:
			titles[i] = strings.ToUpper(by.String())
		}
	}
	return strings.Join(titles, ", ")
}

// Draw writes the groupings, the sums of the current one, and their total.
func (t *Screen) Draw(p *ui.Pen) {
	t.drawGroupings(p)
	need := ui.Width(t.head()) + 1
	for i := range t.Rows {
		need = max(need, ui.Width(t.shownName(&t.Rows[i])))
	}
	t.layout(need)
	p.Newline()
	p.Space(1)
	t.drawHead(p, search.SumKey, t.head(), t.keyWide, false)
	for _, c := range t.columns {
		t.drawHead(p, c.sum, c.title, c.wide, true)
	}
	rows := max(t.height-3, 1)
	from, to := t.List.View(rows)
	t.top = from
	if !t.Loaded {
		to = from
	}
	most := t.most()
	for i := from; i < from+rows; i++ {
		p.Newline()
		if i < to {
			t.drawRow(p, i, most)
		} else if i == from && to == from {
			look, text := t.Empty()
			p.Put(look, " "+ui.Cut(text, t.width-1))
		}
	}
	if t.height < 4 {
		return
	}
	p.Newline()
	if to > from {
		p.Put(ui.Dim, " "+ui.Fill(ui.Cut("total of "+ui.Count(t.Groups), t.keyWide), t.keyWide))
		for _, c := range t.columns {
			text := t.cell(c.sum, &t.Total)
			if c.sum == search.SumPeers || c.sum == search.SumPorts {
				text = "" // are not the sums of those of the groups
			}
			p.Put(ui.Dim, ui.Right(text, c.wide))
		}
	}
}

func (t *Screen) drawGroupings(p *ui.Pen) {
	p.Space(1)
	put := func(word string, chosen bool) {
		if chosen {
			p.Begin(ui.Selected)
			p.Put(ui.Text, " "+word+" ")
			p.End()
		} else {
			p.Put(ui.Dim, " "+word+" ")
		}
	}
	for i, g := range Groupings {
		put(g.Word, i == t.place())
	}
	if t.place() < 0 && t.width-p.X > 5 {
		put(ui.Cut(t.By.String(), t.width-p.X-2), true)
	}
	if why := t.Failure(); why != "" && t.Loaded {
		p.Space(2)
		p.Put(ui.Bad, ui.Cut(why, t.width-p.X))
	}
}

// drawHead writes the title of a column, with a sign if the sums are ordered by it.
func (t *Screen) drawHead(p *ui.Pen, c search.SumColumn, title string, wide int, right bool) {
	look, sign := ui.Header, ""
	if c == t.Order {
		look, sign = ui.Accent, ui.SortSign(p.Theme, t.Reverse == (c == search.SumKey))
	}
	text := ui.Cut(title, wide-ui.Width(sign)) + sign
	if right {
		p.Space(wide - ui.Width(text))
	}
	if c == t.Col {
		p.Begin(ui.Cell)
		p.Put(ui.Text, text)
		p.End()
	} else {
		p.Put(look, text)
	}
	if !right {
		p.Space(wide - ui.Width(text))
	}
}

// measure returns the number that bars show: that of the order, or bytes.
func (t *Screen) measure(row *search.Talker) uint64 {
	if t.Order == search.SumKey {
		return row.Octets
	}
	return t.Order.Measure(&row.Sums)
}

func (t *Screen) most() (n uint64) {
	for i := range t.Rows {
		n = max(n, t.measure(&t.Rows[i]))
	}
	return n
}

func (t *Screen) drawRow(p *ui.Pen, i int, most uint64) {
	row := &t.Rows[i]
	if i == t.List.Cursor() {
		p.Begin(ui.Selected)
		defer p.End()
	}
	p.Put(ui.Text, " "+ui.Fill(ui.Cut(t.shownName(row), t.keyWide), t.keyWide))
	for _, c := range t.columns {
		p.Put(ui.Text, ui.Right(t.cell(c.sum, &row.Sums), c.wide))
	}
	if wide := t.barWide(); wide > 0 {
		p.Space(2)
		p.Put(ui.Accent, ui.Bar(p.Theme, t.measure(row), most, wide))
	}
	if i == t.List.Cursor() {
		p.To(t.width)
	}
}

// cell returns what a column shows of sums.
func (t *Screen) cell(c search.SumColumn, s *search.Sums) string {
	n := c.Measure(s)
	switch c {
	case search.SumBytes, search.SumSent, search.SumRecv:
		return string(ui.AppendSize(nil, n))
	case search.SumRate:
		if n == 0 {
			return "-"
		}
		return string(ui.AppendSize(nil, n)) + "/s"
	case search.SumShare:
		return strconv.FormatFloat(math.Floor(1000*s.Share(&t.Total))/10, 'f', 1, 64) + "%"
	}
	if text := ui.Count(n); len(text) < 8 {
		return text
	}
	return string(ui.AppendSize(nil, n))
}
