<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc" version="1.0.0">
  <NamedLayer>
    <Name>uncertainty</Name>
    <UserStyle>
      <Title>Uncertainty: standard deviation of the score over the members of the head</Title>
      <FeatureTypeStyle>
        <Rule>
          <RasterSymbolizer>
            <ColorMap type="ramp">
              <ColorMapEntry color="#ffffff" quantity="-9999" opacity="0" label="no data"/>
              <ColorMapEntry color="#00204d" quantity="0" label="0"/>
              <ColorMapEntry color="#06366e" quantity="0.125" label="0.125"/>
              <ColorMapEntry color="#414d6b" quantity="0.25" label="0.25"/>
              <ColorMapEntry color="#61646f" quantity="0.375" label="0.375"/>
              <ColorMapEntry color="#7d7c78" quantity="0.5" label="0.5"/>
              <ColorMapEntry color="#9c9577" quantity="0.625" label="0.625"/>
              <ColorMapEntry color="#beaf6f" quantity="0.75" label="0.75"/>
              <ColorMapEntry color="#e1cc5d" quantity="0.875" label="0.875"/>
              <ColorMapEntry color="#ffea46" quantity="1" label="1"/>
            </ColorMap>
          </RasterSymbolizer>
        </Rule>
      </FeatureTypeStyle>
    </UserStyle>
  </NamedLayer>
</StyledLayerDescriptor>
