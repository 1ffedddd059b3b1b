// Command bench measures Botimum as a customer's code and browsers meet it: it
// builds the program, starts it on a fresh data directory, loads it over
// loopback HTTP, and prints one table of figures beside what they should be.
//
//	go run ./bench            about three minutes
//	go run ./bench -quick     under a minute
//	go run ./bench -messages 1000000 -streams 20000
//
// README.md beside this file tells how to read the figures. What is printed as a
// target stands in the project's "numbers to hold"; where a machine's own speed
// matters, the figure stands beside a base that was taken in the same run on the
// same disk.
//
// Generator and server share the machine's cores, so the generator is kept cheap:
// its HTTP client writes prepared requests to a bare connection and parses as
// little of the answer as it takes to know that it is right. Every answer's
// status is checked, and a run with a single wrong one fails.
package main
