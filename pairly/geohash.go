package pairly

// geohashAlphabet is the base 32 of geohashes
// (https://en.wikipedia.org/wiki/Geohash).
const geohashAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// GeohashLength is the number of characters of [Location.Geohash]: cells of
// about 1.2 km by 0.6 km, so that nearby places share a prefix and a search
// by radius can start from an index.
const GeohashLength = 6

// Geohash returns the geohash of l: longitude and latitude halved in turns,
// five bits a character.
func (l Location) Geohash() string {
	lat, lng := [2]float64{-90, 90}, [2]float64{-180, 180}
	out := make([]byte, 0, GeohashLength)
	even := true
	for len(out) < GeohashLength {
		var bits int
		for range 5 {
			v, span := l.Lat, &lat
			if even {
				v, span = l.Lng, &lng
			}
			mid := (span[0] + span[1]) / 2
			bits <<= 1
			if v >= mid {
				bits |= 1
				span[0] = mid
			} else {
				span[1] = mid
			}
			even = !even
		}
		out = append(out, geohashAlphabet[bits])
	}
	return string(out)
}
