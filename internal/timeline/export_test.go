package timeline

// Page gives the query of the first page of everything there is, with its arguments.
func (s *Service) Page(workspaceID string, contactIDs []string, limit int) (string, []any) {
	all := make([]*Source, len(s.sources))
	for i := range s.sources {
		all[i] = &s.sources[i]
	}
	return page(all, workspaceID, contactIDs, first, limit)
}

// Branch gives the part of one source alone.
func (s *Service) Branch(i int, workspaceID, contactID string, limit int) (kind, query string, args []any) {
	query, args = page([]*Source{&s.sources[i]}, workspaceID, []string{contactID}, first, limit)
	return s.sources[i].Kind + " of " + s.sources[i].From, query, args
}

// Len says how many sources there are.
func (s *Service) Len() int { return len(s.sources) }
