package search

func (x And) String() string      { return "" }
func (x Or) String() string       { return "" }
func (x Not) String() string      { return "" }
func (x Addrs) String() string    { return "" }
func (x Numbers) String() string  { return "" }
func (x Names) String() string    { return "" }
func (x FlagTest) String() string { return "" }
