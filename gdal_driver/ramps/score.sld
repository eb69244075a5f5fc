<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc" version="1.0.0">
  <NamedLayer>
    <Name>score</Name>
    <UserStyle>
      <Title>Score: as much like a known deposit as like background at 0.5</Title>
      <FeatureTypeStyle>
        <Rule>
          <RasterSymbolizer>
            <ColorMap type="ramp">
              <ColorMapEntry color="#ffffff" quantity="-9999" opacity="0" label="no data"/>
              <ColorMapEntry color="#440154" quantity="0" label="0"/>
              <ColorMapEntry color="#472c7c" quantity="0.125" label="0.125"/>
              <ColorMapEntry color="#3b528b" quantity="0.25" label="0.25"/>
              <ColorMapEntry color="#2c728e" quantity="0.375" label="0.375"/>
              <ColorMapEntry color="#21908d" quantity="0.5" label="0.5"/>
              <ColorMapEntry color="#28ae80" quantity="0.625" label="0.625"/>
              <ColorMapEntry color="#5dc963" quantity="0.75" label="0.75"/>
              <ColorMapEntry color="#abdc32" quantity="0.875" label="0.875"/>
              <ColorMapEntry color="#fde725" quantity="1" label="1"/>
            </ColorMap>
          </RasterSymbolizer>
        </Rule>
      </FeatureTypeStyle>
    </UserStyle>
  </NamedLayer>
</StyledLayerDescriptor>
