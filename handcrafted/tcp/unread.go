package tcp

// Unread returns how many octets Read can give now.
func (c *Conn) Unread() int { return c.unread() }
