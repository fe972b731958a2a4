"""Whatever is in force: real pip on generated mixes, judged by what is installed afterwards."""
