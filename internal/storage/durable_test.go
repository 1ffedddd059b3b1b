package storage_test

func writeUntilKilled(url string) {}
func openAsNobody(url string)     {}
